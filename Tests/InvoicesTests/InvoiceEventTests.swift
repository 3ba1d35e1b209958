import Foundation
import HTTP
import Storage
import Synchronization
import TestShop
import Testing

@testable import Invoices

/// The events about documents, which other programs read.
@Suite struct InvoiceEventTests {
    @Test func eachDocumentHasOneEvent() throws {
        let shop = try InvoiceShop.ordered()
        try InvoiceShop.invoice().succeeds(in: shop)
        try InvoiceShop.refund(InvoiceShop.pens(1)).succeeds(in: shop)
        for _ in 1...2 { try shop.runCourier() }
        try InvoiceShop.invoice().succeeds(in: shop)
        let events = try shop.send(.get, "/events?type=invoice.*", as: "sami").json["data"]
        let documents = try shop.documents()
        #expect(documents.map { $0["kind"] } == ["invoice", "credit_note"])
        #expect(events?.elements.compactMap { $0["data"] } == documents)
        #expect(
            events?.elements.compactMap { $0["subject"]?.text }
                == documents.compactMap { $0["number"]?.text.map { "/sales/1/invoices/\($0)" } })
        #expect(
            events?.elements.allSatisfy { $0["type"] == "invoice.issued" && $0["actor"] == .null }
                == true)
        #expect(try shop.breaches() == [])
    }

    /// An erasure that meets an issuer leaves no event with the name or the address.
    @Test func anErasureAtTheSameTimeLeavesNoName() throws {
        for _ in 1...10 {
            let shop = try InvoiceShop.ordered()
            try shop.store.write { tx in
                try tx.run("UPDATE customers SET balance = 0 WHERE id = 1")
                try tx.run(
                    "DELETE FROM wallet_entries WHERE customer_id = 1 AND kind = 'credited'")
            }
            for account in ["ada", "sami"] { _ = try shop.token(of: account) }
            let codes = atOnce(2) { number in
                let step =
                    number == 0
                    ? InvoiceShop.invoice(as: "sami")
                    : Scenario.Step(.delete, "/customers/ada", as: "ada")
                return (try? shop.send(step).status.code) ?? 0
            }
            #expect(codes == [200, 204])
            let kept: Int64 = try shop.value(
                """
                SELECT COUNT(*) AS value FROM outbox
                WHERE data LIKE '%Main Street%' OR data LIKE '%"ada"%'
                """)
            #expect(kept == 0)
        }
    }

    @Test func anIssuerThatWaitedForAnErasureShowsTheNameThatIsLeft() throws {
        let shop = try InvoiceShop.ordered()
        _ = try shop.token(of: "sami")
        let isErasing = Atomic(false)
        onThreads(2) { number in
            #expect(throws: Never.self) {
                guard number == 0 else {
                    while !isErasing.load(ordering: .relaxed) { usleep(1000) }
                    try InvoiceShop.invoice(as: "sami").succeeds(in: shop)
                    return
                }
                try shop.store.write { tx in
                    try tx.run("UPDATE orders SET shipping_address = NULL WHERE customer_id = 1")
                    try tx.run("UPDATE customers SET username = 'erased~1' WHERE id = 1")
                    isErasing.store(true, ordering: .relaxed)
                    usleep(200_000)
                }
            }
        }
        let buyer = try shop.documents().first?["buyer"]
        #expect(buyer?["username"] == "erased~1" && buyer?["shipping_address"] == .null)
    }
}
