import Crypto
import HTTP
import HTTPTypes
import Service
import Storage
import TestShop
import Testing

@testable import Invoices

/// Invoices and credit notes by request.
@Suite struct InvoiceTests {
    /// The series of a shop that issues its first document at the time of the tests' clock.
    static let first = "CIUGKE-2026-000001"

    @Test func issuesAnInvoiceOnDemand() throws {
        let shop = try InvoiceShop.ordered()
        try Scenario(
            "", InvoiceShop.invoice(), gives: 200,
            shows: #"""
                {"number":"\#(Self.first)","kind":"invoice",\#
                "issued_at":"2026-11-18T11:06:40.000Z","invoice":null,"order_id":1,\#
                "ordered_at":"2026-11-18T11:06:40.000Z","paid_at":"2026-11-18T11:06:40.000Z",\#
                "shipped_at":null,"refunded_at":null,\#
                "seller":{"name":"Pens Ltd","address":["Market 1","York"],"tax_id":"GB1"},\#
                "buyer":{"username":"ada","email":null,"billing_address":null,\#
                "shipping_address":{"name":"Ada","city":"Berlin"}},"payment_method":"wallet",\#
                "coupon":null,"currency":"USD","currency_exponent":2,"tax_included":true,\#
                "lines":[{"product_id":1,"sku":"PEN","name":"pen","quantity":3,"unit_price":250,\#
                "discount":0,"tax_rate":700,"tax_name":"Reduced VAT","tax":49,"total":750},\#
                {"product_id":2,"sku":null,"quantity":1,"tax_rate":1900,"tax_name":"VAT",\#
                "tax":639,"total":4000}],"shipping":{"method":"Parcel","tax_rate":1900,"tax":78,\#
                "total":490},"taxes":[{"rate":1900,"name":"VAT","net":3773,"tax":717},\#
                {"rate":700,"name":"Reduced VAT","net":701,"tax":49}],"subtotal":4750,\#
                "discount":0,"tax":766,"total":5240,"previous_hash":null}
                """#, fields: ["Content-Type": "application/json"]
        ).play(in: shop)
        #expect(try shop.breaches() == [])
    }

    @Test func isForTheBuyerAndStaff() throws {
        let shop = try InvoiceShop.ordered()
        for target in ["invoice", "invoices", "invoices/\(Self.first)"] {
            for (account, status, code) in [
                ("ben", 404, "order_not_found"), ("mona", 404, "order_not_found"),
            ] {
                let answer = try shop.send(.get, "/sales/1/\(target)", as: account)
                #expect(answer.status.code == status)
                #expect(try answer.json["code"]?.text == code)
            }
            #expect(try shop.send(.get, "/sales/1/\(target)").status.code == 401)
            #expect(try shop.send(.get, "/sales/1/\(target)", as: "sami").status.code == 200)
        }
        #expect(try shop.send(.get, "/sales/invoices", as: "ada").status.code == 403)
        #expect(try shop.invoiceNumbers() == [Self.first])
    }

    @Test func aGuestReadsItWithTheTokenOfTheOrder() throws {
        let shop = try TestShop()
        let sold = try shop.send(
            .post, "/sales",
            #"""
            {"items":[{"product_id":1,"quantity":1}],"email":"gail@example.com",\#
            "payment":{"method":"bank_transfer"}}
            """#
        ).json
        let token = try #require(sold["order_token"]?.text)
        func invoice(_ token: String) throws -> Response {
            try shop.send(.get, "/sales/1/invoice", fields: [.orderToken: token])
        }
        #expect(try invoice(token).json["code"] == "invoice_not_found")
        try Scenario.Step(
            .post, "/sales/1/payments", as: "sami",
            #"{"method":"bank_transfer","amount":250,"reference":"7"}"#
        ).succeeds(in: shop)
        #expect(try invoice("wrong").json["code"] == "order_not_found")
        let shown = try invoice(token).json
        #expect(shown["total"] == 250 && shown["payment_method"] == "bank_transfer")
        #expect(shown["buyer"]?["username"] == .null)
        #expect(shown["buyer"]?["email"] == "gail@example.com")
        #expect(try shop.breaches() == [])
    }

    @Test(arguments: ["A-2026-000002", "x", "CIUGKE-2026-1", "--", "CIUGKE-2026-0000001"])
    func findsNoOtherNumber(number: String) throws {
        let shop = try InvoiceShop.ordered()
        let answer = try shop.send(.get, "/sales/1/invoices/\(number)", as: "ada")
        #expect(answer.status.code == 404)
        #expect(try answer.json["code"] == "invoice_not_found")
    }

    @Test func anUnpaidOrderHasNone() throws {
        let shop = try InvoiceShop.ordered()
        func change(_ sql: SQL) throws { try shop.store.write { try $0.run(sql) } }
        try change(
            "UPDATE orders SET paid_at = NULL, payment_status = 'unpaid', status = 'pending'")
        func status() throws -> Int {
            try shop.send(.get, "/sales/1/invoice", as: "ada").status.code
        }
        #expect(try status() == 404)
        try change(
            "UPDATE orders SET status = 'shipped', payment_method = 'bank_transfer' WHERE id = 1")
        try change(
            """
            INSERT INTO order_events (order_id, status, amount, created_at)
            VALUES (1, 'shipped', 0, 5)
            """)
        #expect(try status() == 404)
        // It is invoiced when it is shipped, because the carrier takes the money.
        try change("UPDATE orders SET payment_method = 'cash_on_delivery'")
        let invoice = try shop.send(.get, "/sales/1/invoice", as: "ada").json
        #expect(invoice["paid_at"] == .null)
        #expect(invoice["shipped_at"] == "1970-01-01T00:00:00.005Z")
    }

    /// An order that was shipped and came back unpaid is credited as a whole.
    @Test func creditsAnUnpaidOrderThatIsCancelled() throws {
        let shop = try InvoiceShop.ordered()
        try shop.store.write { tx in
            try tx.run(
                """
                UPDATE orders SET paid_at = NULL, payment_status = 'unpaid',
                    payment_method = 'cash_on_delivery', status = 'cancelled'
                """)
            for status in ["shipped", "cancelled"] {
                try tx.run(
                    """
                    INSERT INTO order_events (order_id, status, amount, created_at)
                    VALUES (1, \(status), 0, 5)
                    """)
            }
        }
        let documents = try shop.documents()
        #expect(documents.map { $0.sum("total") } == [5240, 5240])
        #expect(documents.map { $0.sum("tax") } == [766, 766])
    }

    @Test(arguments: [true, false])
    func creditNotesEndAtZero(pricesIncludeTax: Bool) throws {
        let shop = try InvoiceShop.ordered(pricesIncludeTax: pricesIncludeTax)
        let steps = [
            InvoiceShop.refund(InvoiceShop.pens(1)), InvoiceShop.refund(InvoiceShop.pens(1)),
            InvoiceShop.refund(#""items":[],"shipping":true"#),
            InvoiceShop.invoice(), InvoiceShop.refund(InvoiceShop.pens(1)),
            InvoiceShop.refund(#""shipping":true"#),
        ]
        for step in steps { try step.succeeds(in: shop) }
        let documents = try shop.documents()
        #expect(documents.count == 6)
        let (invoice, credits) = (documents[0], documents.dropFirst())
        for name in ["subtotal", "discount", "tax", "total"] {
            #expect(credits.reduce(0) { $0 + $1.sum(name) } == invoice.sum(name), "\(name)")
        }
        let refunded = try shop.store.read { tx in
            try tx.all(
                "SELECT amount FROM order_events WHERE status = 'refunded' ORDER BY id"
            ) { try $0["amount"] as Int64 }
        }
        #expect(credits.map { $0.sum("total") } == refunded)
        #expect(credits.map { $0["invoice"] } == Array(repeating: invoice["number"], count: 5))
        #expect(credits.allSatisfy { $0["kind"] == "credit_note" && $0["refunded_at"] != .null })
        #expect(try shop.breaches() == [])
    }

    @Test func aCancelledOrderHasBoth() throws {
        let shop = try InvoiceShop.ordered()
        try Scenario.Step(.post, "/sales/1/cancel", as: "ada").succeeds(in: shop)
        let documents = try shop.documents()
        #expect(documents.map { $0["kind"] } == ["invoice", "credit_note"])
        #expect(documents.map { $0.sum("total") } == [5240, 5240])
        #expect(documents[1]["lines"] == documents[0]["lines"])
        #expect(documents[1]["shipping"] == documents[0]["shipping"])
        #expect(try shop.breaches() == [])
    }

    /// Anyone can verify a document and the chain without the shop.
    @Test func theHashIsThatOfTheDocument() throws {
        let shop = try InvoiceShop.ordered()
        try InvoiceShop.refund(InvoiceShop.pens(1)).succeeds(in: shop)
        var previous = JSON.null
        for document in try shop.documents() {
            let number = try #require(document["number"]?.text)
            let text = try shop.send(.get, "/sales/1/invoices/\(number)", as: "ada").text
            let hash = try #require(document["hash"]?.text)
            let body = text.replacing(#","hash":"\#(hash)""#, with: "")
            #expect(SHA256.hash(Array(body.utf8)).hexadecimal == hash)
            #expect(document["previous_hash"] == previous)
            previous = .string(hash)
        }
    }

    @Test func listsForTheBookkeeper() throws {
        let shop = try InvoiceShop.ordered()
        try InvoiceShop.order(pens: 1).succeeds(in: shop)
        try InvoiceShop.invoice(2).succeeds(in: shop)
        shop.clock.pass(seconds: 60)
        try InvoiceShop.invoice(1).succeeds(in: shop)
        let numbers = ["CIUGKE-2026-000002", "CIUGKE-2026-000001"]
        func list(_ query: String) throws -> [String] {
            let list = try shop.send(.get, "/sales/invoices?\(query)", as: "sami")
            #expect(list.status.code == 200, "\(list.text)")
            return try (list.json["data"]?.elements ?? []).compactMap { $0["number"]?.text }
        }
        #expect(try list("") == numbers)
        #expect(try list("limit=1") == [numbers[0]])
        #expect(try list("to=2026-11-18T11:07:40Z") == [numbers[1]])
        #expect(try list("from=2026-11-18T11:07:40Z") == [numbers[0]])
        #expect(try list("from=2027-01-01T00:00:00Z") == [])
        try Scenario(
            "", .init(.get, "/sales/invoices?from=2026-11-18T11:07:40Z", as: "sami"), gives: 200,
            shows: #"""
                {"data":[{"number":"CIUGKE-2026-000002","kind":"invoice","order_id":1,\#
                "issued_at":"2026-11-18T11:07:40.000Z","total":5240,"tax":766,"currency":"USD",\#
                "currency_exponent":2}],"next":null}
                """#
        ).play(in: shop)
        try Scenario(
            "",
            .init(
                .get, "/sales/invoices?from=2027-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
                as: "sami"), gives: 422, code: "invalid_request"
        ).play(in: shop)
    }

    @Test func staysAfterAnErasure() throws {
        let shop = try InvoiceShop.ordered()
        try InvoiceShop.invoice().succeeds(in: shop)
        let before = try shop.documents()
        let export = try shop.send(.get, "/customers/ada/export", as: "ada").json["invoices"]
        #expect(export?.elements == before)
        try shop.store.write { try $0.run("UPDATE customers SET balance = 0 WHERE id = 1") }
        try shop.store.write {
            try $0.run("DELETE FROM wallet_entries WHERE customer_id = 1 AND kind = 'credited'")
        }
        try Scenario.Step(.delete, "/customers/ada", as: "ada").succeeds(in: shop)
        #expect(try shop.documents() == before)
    }
}
