import Crypto
import HTTP
import HTTPTypes
import Outbox
import Storage
import TestShop
import Testing
import Values

@testable import Invoices

/// Shops and requests of the tests of invoices.
enum InvoiceShop {
    static let address =
        #"{"name":"Ada","lines":["Main Street 1"],"city":"Berlin","country":"DE"}"#

    /// A shop with taxes in Germany and a parcel of 490, and an order of ada: three pens at 7 % and a
    /// lamp at 19 %.
    static func ordered(pricesIncludeTax: Bool = true) throws -> TestShop {
        let shop = try TestShop(pricesIncludeTax: pricesIncludeTax)
        let steps: [Scenario.Step] = [
            .init(
                .put, "/sales/tax-rates", as: "sami",
                #"""
                {"data":[{"class":"standard","country":"DE","rate":1900,"name":"VAT"},\#
                {"class":"reduced","country":"DE","rate":700,"name":"Reduced VAT"}]}
                """#),
            .init(
                .post, "/sales/shipping-methods", as: "sami", #"{"name":"Parcel","price":490}"#),
            .init(
                .patch, "/inventory/1", as: "sami", #"{"sku":"PEN","tax_class":"reduced"}"#),
            order(),
        ]
        for step in steps { try step.succeeds(in: shop) }
        return shop
    }

    static func order(pens: Int = 3, lamps: Int = 1) -> Scenario.Step {
        .init(
            .post, "/sales", as: "ada",
            #"""
            {"items":[{"product_id":1,"quantity":\#(pens)},{"product_id":2,"quantity":\#(lamps)}],\#
            "shipping_method":1,"shipping_address":\#(address)}
            """#)
    }

    static func refund(_ members: String, of order: Int = 1) -> Scenario.Step {
        .init(
            .post, "/sales/\(order)/refund", as: "sami",
            #"{\#(members),"restock":false,"reason":"broken"}"#)
    }

    static func pens(_ count: Int) -> String {
        #""items":[{"product_id":1,"quantity":\#(count)}]"#
    }

    static func invoice(_ order: Int = 1, as account: String? = "ada") -> Scenario.Step {
        .init(.get, "/sales/\(order)/invoice", as: account)
    }
}

extension TestShop {
    /// The documents of an order, the invoice first.
    func documents(of order: Int64 = 1) throws -> [JSON] {
        let list = try send(.get, "/sales/\(order)/invoices?limit=100", as: "sami").json["data"]
        return try (list?.elements ?? []).reversed().map {
            let number = try #require($0["number"]?.text)
            return try send(.get, "/sales/\(order)/invoices/\(number)", as: "sami").json
        }
    }

    /// The printed numbers of all documents, in the order in which they were issued.
    func invoiceNumbers() throws -> [String] {
        try store.read { tx in
            try tx.all(Invoice.self, "ORDER BY id").map(\.number.text)
        }
    }

    /// Does what the courier does about new events.
    func runCourier() throws {
        try enqueueInvoiceJobs()
        try runInvoiceJobs()
    }

    /// Leaves the jobs that new events need.
    func enqueueInvoiceJobs() throws {
        let now = clock.now
        try store.write { tx in
            let last: Int64 = try tx.first("SELECT last FROM event_positions")?["last"] ?? 0
            while try numberEvents(in: tx) > 0 {}
            try enqueueInvoices(
                about: try events(after: last, limit: 1000, in: tx), at: now, in: tx)
        }
    }

    /// Does the waiting jobs; `isRetry` says that an attempt has failed.
    func runInvoiceJobs(isRetry: Bool = false, atMost limit: Int = .max) throws {
        let (shop, now) = (shop, clock.now)
        var count = 0
        while count < limit, let (id, payload) = try invoiceJobs().first {
            count += 1
            try store.write { tx in
                try issueInvoices(payload, isRetry: isRetry, for: shop, at: now, in: tx)
                try tx.run("DELETE FROM jobs WHERE id = \(id)")
            }
        }
    }

    /// The waiting jobs that issue documents, with their payloads.
    func invoiceJobs() throws -> [(id: Int64, payload: String)] {
        try store.read { tx in
            try tx.all("SELECT id, payload FROM jobs WHERE kind = \(invoiceJobKind) ORDER BY id") {
                (try $0["id"], try $0["payload"])
            }
        }
    }
}

extension JSON {
    /// An integer member; 0 if it is missing.
    func sum(_ name: String) -> Int64 { self[name]?.integer ?? 0 }
}
