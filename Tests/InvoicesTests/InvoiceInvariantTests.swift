import HTTP
import Storage
import TestShop
import Testing

@testable import Invoices

/// What `souk check` says about changed invoices.
@Suite struct InvoiceInvariantTests {
    private static let number = "CIUGKE-2026-00000"

    static let rows: [(damage: SQL, subject: String)] = [
        (
            "UPDATE invoices SET body = replace(body, 'pen', 'Pen') WHERE id = 1",
            "invoice \(number)1 was changed: its hash differs"
        ),
        (
            "UPDATE invoices SET hash = 'f00' WHERE id = 1",
            "invoice \(number)2 does not name the hash of the document before it"
        ),
        (
            "UPDATE invoices SET previous_hash = NULL WHERE id = 2",
            "invoice \(number)2 does not name the hash of the document before it"
        ),
        (
            "UPDATE invoices SET number = 9 WHERE id = 3",
            "invoice CIUGKE-2026-000009 does not follow \(number)2"
        ),
        (
            "UPDATE invoices SET number = number + 10",
            "invoice CIUGKE-2026-000011 does not follow the start of its series"
        ),
        (
            "DELETE FROM invoices WHERE id = 2",
            "invoice \(number)3 does not follow \(number)1"
        ),
        ("DELETE FROM invoices WHERE id = 3", "series CIUGKE does not end with \(number)3"),
        (
            "UPDATE invoice_series SET last_number = 4",
            "series CIUGKE does not end with \(number)4"
        ),
        (
            "UPDATE invoices SET issued_at = issued_at + 1 WHERE id = 2",
            "invoice \(number)2 differs from its row"
        ),
        ("UPDATE invoices SET total = 5241 WHERE id = 1", "invoice CIUGKE-2026-1"),
        ("UPDATE invoices SET tax = 765 WHERE id = 1", "invoice CIUGKE-2026-1"),
        ("UPDATE invoices SET currency = 'EUR' WHERE id = 1", "invoice CIUGKE-2026-1"),
        ("UPDATE invoices SET total = 249 WHERE id = 2", "invoice CIUGKE-2026-2"),
        ("UPDATE invoices SET total = 9000 WHERE id = 3", "order 1"),
        ("UPDATE invoices SET tax = 767 WHERE id = 3", "order 1"),
        ("UPDATE invoices SET order_id = 2 WHERE id = 2", "order 2"),
    ]

    @Test(arguments: rows.indices)
    func detects(row: Int) throws {
        let shop = try InvoiceShop.ordered()
        try InvoiceShop.order(pens: 1).succeeds(in: shop)
        try InvoiceShop.refund(InvoiceShop.pens(1)).succeeds(in: shop)
        try InvoiceShop.refund(InvoiceShop.pens(2)).succeeds(in: shop)
        try InvoiceShop.invoice().succeeds(in: shop)
        #expect(try shop.breaches() == [])
        let (damage, subject) = Self.rows[row]
        try shop.store.write { try $0.run(damage) }
        let breaches = try shop.breaches()
        #expect(breaches.contains(subject), "\(breaches)")
    }

    /// A document whose hash was computed again, with all hashes after it, still has to add up.
    @Test func detectsLinesThatDoNotAddUp() throws {
        let shop = try InvoiceShop.ordered()
        try InvoiceShop.invoice().succeeds(in: shop)
        let document = try shop.store.read {
            try $0.first(StoredDocument.self, "WHERE id = 1")
        }
        let body = try #require(document?.body).replacing(
            #""unit_price":250"#, with: #""unit_price":251"#)
        let hash = sha256(body)
        try shop.store.write { tx in
            try tx.run("UPDATE invoices SET body = \(body), hash = \(hash)")
            try tx.run("UPDATE invoice_series SET last_hash = \(hash)")
        }
        #expect(
            try shop.breaches() == ["invoice \(Self.number)1 has lines that do not add up"])
    }
}
