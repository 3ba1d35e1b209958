import HTTP
import HTTPTypes
import Outbox
import Service
import Storage
import TestShop
import Testing

@Suite struct PublishTests {
    /// A request and the events that it publishes, each as type, subject and actor.
    struct Row: Sendable, CustomTestStringConvertible {
        let before: [Scenario.Step]
        let step: Scenario.Step
        let events: [String]
        let testDescription: String

        init(
            _ name: String, after before: [Scenario.Step] = [], _ step: Scenario.Step,
            _ events: [String]
        ) {
            self.before = before
            self.step = step
            self.events = events
            testDescription = name
        }
    }

    private static func buy(_ units: Int = 1, query: String = "", key: String? = nil)
        -> Scenario.Step
    {
        .init(
            .post, "/sales\(query)", as: "ada",
            #"{"items":[{"product_id":1,"quantity":\#(units)}]}"#,
            fields: key.map(HTTPFields.key) ?? [:])
    }
    private static func staff(_ path: String, _ body: String? = nil) -> Scenario.Step {
        .init(.post, path, as: "sami", body)
    }
    private static let review = Scenario.Step(
        .post, "/reviews", as: "ada", #"{"product_id":1,"rating":5}"#)
    private static let lowPen = Scenario.Step(
        .patch, "/inventory/1", as: "sami", #"{"low_stock":4}"#)
    private static let newcomer =
        #"{"username":"eve","password":"correct horse","full_name":"Eve"}"#
    private static let returnOne = Scenario.Step(
        .post, "/sales/1/returns", as: "ada",
        #"{"items":[{"product_id":1,"quantity":1}],"kind":"return"}"#)
    private static let invoice = Scenario.Step(.get, "/sales/1/invoice", as: "ada")
    private static let refundOne =
        #"{"items":[{"product_id":1,"quantity":1}],"restock":true,"reason":"torn"}"#

    static let orders = [
        Row("an order", buy(), ["order.created /sales/1 ada", "order.paid /sales/1 ada"]),
        Row(
            "a shipment", after: [buy()], staff("/sales/1/ship"), ["order.shipped /sales/1 sami"]),
        Row(
            "a corrected shipment", after: [buy(), staff("/sales/1/ship")],
            .init(.patch, "/sales/1/shipments/1", as: "sami", #"{"tracking_number":"Z1"}"#),
            ["order.shipment_updated /sales/1 sami"]),
        Row(
            "a delivery", after: [buy(), staff("/sales/1/ship")], staff("/sales/1/deliver"),
            ["order.delivered /sales/1 sami"]),
        Row(
            "a cancellation", after: [buy()], .init(.post, "/sales/1/cancel", as: "ada"),
            ["order.cancelled /sales/1 ada"]),
        Row(
            "a refund", after: [buy(2)], staff("/sales/1/refund", refundOne),
            ["order.refunded /sales/1 sami"]),
        Row(
            "the request of a return", after: [buy(), staff("/sales/1/ship")], returnOne,
            ["order.return_requested /sales/1 ada"]),
        Row(
            "the approval of a return", after: [buy(), staff("/sales/1/ship"), returnOne],
            staff("/sales/1/returns/1/approve"), ["order.return_approved /sales/1 sami"]),
        Row(
            "the refusal of a return", after: [buy(), staff("/sales/1/ship"), returnOne],
            staff("/sales/1/returns/1/decline", #"{"reason":"worn"}"#),
            ["order.return_declined /sales/1 sami"]),
        Row(
            "the receipt of a return",
            after: [
                buy(), staff("/sales/1/ship"), returnOne, staff("/sales/1/returns/1/approve"),
            ], staff("/sales/1/returns/1/receive", #"{"restock":false}"#),
            ["order.refunded /sales/1 sami", "order.return_received /sales/1 sami"]),
        Row(
            "an invoice", after: [buy()], invoice,
            ["invoice.issued /sales/1/invoices/CIUGKE-2026-000001 nobody"]),
        Row("an invoice that was issued before", after: [buy(), invoice], invoice, []),
        Row("a dry run", buy(query: "?dry_run=true"), []),
        Row("a rejected order", buy(11), []),
        Row("a retry", after: [buy(key: "k")], buy(key: "k"), []),
    ]

    static let stock = [
        Row(
            "the last units", buy(10),
            ["stock.out /inventory/1 ada", "order.created /sales/1 ada", "order.paid /sales/1 ada"]
        ),
        Row(
            "an order that makes the stock low", after: [lowPen], buy(6),
            ["stock.low /inventory/1 ada", "order.created /sales/1 ada", "order.paid /sales/1 ada"]
        ),
        Row(
            "the next order of a product that is low", after: [lowPen, buy(6)], buy(1),
            ["order.created /sales/2 ada", "order.paid /sales/2 ada"]),
        Row(
            "a cancellation that brings units back", after: [buy(10)],
            .init(.post, "/sales/1/cancel", as: "ada"),
            ["stock.back /inventory/1 ada", "order.cancelled /sales/1 ada"]),
        Row(
            "an adjustment to nothing", staff("/inventory/1/stock", #"{"delta":-10,"reason":"x"}"#),
            ["stock.adjusted /inventory/1 sami", "stock.out /inventory/1 sami"]),
        Row(
            "an adjustment from nothing", after: [buy(10)],
            staff("/inventory/1/stock", #"{"delta":5,"reason":"x"}"#),
            ["stock.adjusted /inventory/1 sami", "stock.back /inventory/1 sami"]),
        Row(
            "an adjustment among many", staff("/inventory/1/stock", #"{"delta":5,"reason":"x"}"#),
            ["stock.adjusted /inventory/1 sami"]),
    ]

    static let products = [
        Row(
            "a new product", staff("/inventory", #"{"name":"cup","category":"home","price":5}"#),
            ["product.created /inventory/3 sami"]),
        Row(
            "an edit", .init(.patch, "/inventory/1", as: "sami", #"{"name":"quill"}"#),
            ["product.updated /inventory/1 sami"]),
        Row(
            "a new price", .init(.patch, "/inventory/1", as: "sami", #"{"price":251}"#),
            ["product.updated /inventory/1 sami", "product.price_changed /inventory/1 sami"]),
        Row(
            "an archival", .init(.delete, "/inventory/1", as: "sami"),
            ["product.archived /inventory/1 sami"]),
        Row(
            "a restoration", after: [.init(.delete, "/inventory/1", as: "sami")],
            staff("/inventory/1/restore"), ["product.restored /inventory/1 sami"]),
        Row("a restoration of a product on sale", staff("/inventory/1/restore"), []),
    ]

    static let customers = [
        Row(
            "a registration", .init(.post, "/customers", newcomer),
            [
                "customer.created /customers/eve eve"
            ]),
        Row(
            "a profile", .init(.patch, "/customers/ada", as: "ada", #"{"age":36}"#),
            ["customer.updated /customers/ada ada"]),
        Row(
            "a role", .init(.put, "/customers/ben/role", as: "adil", #"{"role":"staff"}"#),
            ["customer.updated /customers/ben adil"]),
        Row(
            "a suspension",
            .init(.put, "/customers/ben/status", as: "adil", #"{"status":"suspended"}"#),
            ["customer.updated /customers/ben adil"]),
        Row(
            "a credit", staff("/customers/ada/wallet/credit", #"{"amount":5}"#),
            ["wallet.credited /customers/ada/wallet sami"]),
        Row(
            "a debit", staff("/customers/ada/wallet/debit", #"{"amount":5}"#),
            ["wallet.debited /customers/ada/wallet sami"]),
        Row(
            "a refused debit", staff("/customers/ben/wallet/debit", #"{"amount":5}"#), []),
        Row(
            "an erasure", .init(.delete, "/customers/ben", as: "adil"),
            ["customer.erased /customers/erased~2 adil"]),
    ]

    static let reviews = [
        Row("a review", review, ["review.created /reviews/1 ada"]),
        Row(
            "an approval", after: [review], .init(.post, "/reviews/1/approve", as: "mona"),
            ["review.approved /reviews/1 mona"]),
        Row(
            "a rejection", after: [review],
            .init(.post, "/reviews/1/reject", as: "mona", #"{"reason":"rude"}"#),
            ["review.rejected /reviews/1 mona"]),
        Row(
            "a flag", after: [review, .init(.post, "/reviews/1/approve", as: "mona")],
            .init(.post, "/reviews/1/flag", as: "ben", #"{"reason":"rude"}"#),
            ["review.flagged /reviews/1 ben"]),
        Row(
            "a revision", after: [review],
            .init(.patch, "/reviews/1", as: "ada", #"{"rating":4}"#),
            ["review.updated /reviews/1 ada"]),
        Row(
            "a revision that changes nothing", after: [review],
            .init(.patch, "/reviews/1", as: "ada", #"{"rating":5}"#), []),
        Row(
            "a reply", after: [review],
            .init(.put, "/reviews/1/reply", as: "sami", #"{"text":"Thank you"}"#),
            ["review.replied /reviews/1 sami"]),
        Row(
            "the same reply",
            after: [review, .init(.put, "/reviews/1/reply", as: "sami", #"{"text":"Thanks"}"#)],
            .init(.put, "/reviews/1/reply", as: "sami", #"{"text":"Thanks"}"#),
            ["review.replied /reviews/1 sami"]),
        Row(
            "a removed reply",
            after: [review, .init(.put, "/reviews/1/reply", as: "sami", #"{"text":"Thanks"}"#)],
            .init(.delete, "/reviews/1/reply", as: "sami"),
            ["review.reply_removed /reviews/1 sami"]),
        Row(
            "a deletion", after: [review], .init(.delete, "/reviews/1", as: "ada"),
            ["review.deleted /reviews/1 ada"]),
    ]

    @Test(arguments: orders + stock + products + customers + reviews)
    func publishes(row: Row) throws {
        let shop = try TestShop()
        for step in row.before { #expect(try shop.send(step).status.kind == .successful) }
        let before = try shop.feed().last?.position ?? 0
        _ = try shop.send(row.step)
        let names = try shop.usernames()
        let found = try shop.feed(after: before).map {
            "\($0.type.rawValue) \($0.subject) \($0.actor.flatMap { names[$0] } ?? "nobody")"
        }
        #expect(found == row.events)
        #expect(try shop.breaches() == [])
    }

    @Test func bothEventsOfAnOrderShowItAsTheAnswerDoes() throws {
        let shop = try TestShop()
        let answer = try shop.send(Self.buy())
        let events = try shop.feed().filter { $0.subject == "/sales/1" }
        let data = String(decoding: answer.body, as: UTF8.self)
        #expect(events.map(\.type) == [.orderCreated, .orderPaid])
        #expect(events.map(\.data) == [data, data])
        #expect(events.map(\.actor) == [events[0].customer, events[0].customer])
    }

    @Test func anEventOfAWalletShowsTheEntryWithoutItsActor() throws {
        let shop = try TestShop()
        let body = #"{"amount":5,"note":"a gift"}"#
        let answer = try shop.send(Self.staff("/customers/ada/wallet/credit", body))
        let event = try #require(try shop.feed().last)
        let data = try JSON(parsing: Array(try #require(event.data).utf8))
        #expect(data["note"] == "a gift" && data["actor"] == nil)
        #expect(try answer.json.includes(data))
    }

    @Test("an erasure blanks the data of all events of the person and no other")
    func erases() throws {
        let shop = try TestShop()
        let profile = Scenario.Step(.patch, "/customers/ben", as: "ben", #"{"age":36}"#)
        #expect(try shop.send(profile).status == .ok)
        let numbered = try shop.feed().count
        #expect(try shop.send(profile).status == .ok)
        for change in ["credit", "debit"] {
            let step = Self.staff(
                "/customers/ben/wallet/\(change)", #"{"amount":5,"note":"for Ben"}"#)
            #expect(try shop.send(step).status == .created)
        }
        #expect(try shop.send(.delete, "/customers/ben", as: "adil").status == .noContent)
        let events = try shop.feed()
        #expect(events.count == numbered + 4)
        for event in events where event.type != .productCreated {
            #expect(event.data == nil)
            let isOfWallet = event.type.rawValue.hasPrefix("wallet.")
            #expect(event.subject == "/customers/erased~2\(isOfWallet ? "/wallet" : "")")
        }
        #expect(events.count { $0.data != nil } == 2)
    }
}

extension TestShop {
    /// All events of the shop after `position`, with their positions.
    func feed(after position: Int64 = 0) throws -> [Event] {
        try store.write { _ = try numberEvents(in: $0) }
        return try store.read { try events(after: position, limit: 10_000, in: $0) }
    }

    /// Usernames by id.
    func usernames() throws -> [Int64: String] {
        let rows = try store.read { tx in
            try tx.all("SELECT id, username FROM customers") {
                (try $0["id"] as Int64, try $0["username"] as String)
            }
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }
}
