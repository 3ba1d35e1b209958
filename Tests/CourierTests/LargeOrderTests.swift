import HTTP
import Mail
import Outbox
import Storage
import TestShop
import Testing
import Values

@testable import Courier

/// The messages of the largest orders.
@Suite struct LargeOrderTests {
    private static let lines = 3...102
    private static let name = String(repeating: "ä", count: 190)

    /// An order of 100 lines with long names, of which all units are on the way.
    private func order(_ quantity: Int, in shop: TestShop) throws -> Int64 {
        for number in Self.lines {
            let product = """
                {"name":"\(Self.name) \(number)","category":"paper","price":1,"stock":\(quantity)}
                """
            try Scenario.Step(.post, "/inventory", as: "sami", product).succeeds(in: shop)
        }
        let sold = try Scenario.Step(
            .post, "/sales", as: "ada", #"{"items":\#(items(quantity))}"#
        ).succeeds(in: shop).json
        let id = try #require(sold["id"]?.integer)
        try Scenario.Step(.post, "/sales/\(id)/ship", as: "sami").succeeds(in: shop)
        return id
    }

    private func items(_ quantity: Int) -> String {
        let items = Self.lines.map { #"{"product_id":\#($0),"quantity":\#(quantity)}"# }
        return "[\(items.joined(separator: ","))]"
    }

    /// The messages that the courier leaves for all events, in their order.
    private func messages(in shop: TestShop) throws -> [OutgoingMail] {
        let now = shop.clock.now
        try shop.store.write { tx in
            while try numberEvents(in: tx) > 0 {}
            let new = try events(after: 0, limit: 10_000, in: tx)
            try tx.run("DELETE FROM jobs")
            try enqueueMails(about: new, at: now, in: tx)
        }
        return try shop.store.read { try Outbox.jobs(after: 0, limit: 1000, in: $0) }.map {
            try OutgoingMail(payload: $0.payload)
        }
    }

    @Test func aReturnOfAllLinesIsConfirmedEachTime() throws {
        let shop = try TestShop()
        try shop.giveAddress("ada@example.com", to: "ada")
        let order = try order(21, in: shop)
        let body = #"{"items":\#(items(1)),"kind":"return","reason":"too many"}"#
        let request = Scenario.Step(.post, "/sales/\(order)/returns", as: "ada", body)
        for _ in 1...10 { try request.succeeds(in: shop) }
        let refused = try shop.send(request)
        #expect(refused.status == .conflict && refused.text.contains("too_many_returns"))
        // The largest event: each of the 100 returns and shipments has all lines.
        let now = shop.clock.now
        let all = Self.lines.map {
            #"{"product_id":\#($0),"quantity":1,"received_quantity":0}"#
        }.joined(separator: ",")
        let part = #"{"id":1,"kind":"return","status":"requested","items":[\#(all)]}"#
        let parts = Array(repeating: part, count: 100).joined(separator: ",")
        let data = """
            {"id":\(order),"currency":"USD","total":2100,"items":[],"returns":[\(parts)],\
            "shipments":[\(parts)]}
            """
        let ada: Int64 = try shop.value("SELECT id AS value FROM customers WHERE username = 'ada'")
        try shop.store.write { tx in
            try publish(
                .orderReturnRequested, on: "/sales/\(order)", JSONText(data), of: ada, by: ada,
                at: now, in: tx)
        }
        let found = try messages(in: shop)
        #expect(found.count { $0.template == .returnRequested } == 11)
    }

    /// The text is shortened, and the message can be sent.
    @Test func anOrderOfLongNamesIsConfirmed() throws {
        let shop = try TestShop()
        try shop.giveAddress("ada@example.com", to: "ada")
        _ = try order(1, in: shop)
        let received = try #require(
            try messages(in: shop).first { $0.template == .orderReceived })
        let text = try MailText(
            filling: MailTemplates(overriddenBy: "/nowhere").text(of: .orderReceived),
            with: received.values.merging(["shop": "shop.example"]) { $1 })
        #expect(text.body.contains("\n1 × \(Self.name) 3, 0.01 USD each\n"))
        let shown = text.body.split(separator: "\n").count { $0.hasPrefix("1 × ") }
        #expect((40..<100).contains(shown))
        #expect(text.body.contains("\nand \(100 - shown) more lines\n"))
    }
}

extension TestShop {
    /// Stores a verified address.
    func giveAddress(_ address: String, to name: String) throws {
        let now = clock.now
        try store.write { tx in
            try tx.run(
                """
                UPDATE customers SET email = \(address), email_key = \(address),
                    email_verified_at = \(now) WHERE username = \(name)
                """)
        }
    }
}
