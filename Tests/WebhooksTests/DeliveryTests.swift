import HTTP
import HTTPTypes
import Outbox
import Storage
import TestShop
import Testing
import Values

@testable import Webhooks

/// From an event to an accepted message.
@Suite struct DeliveryTests {
    @Test func sendsAnEventOnce() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "order.*")
        try office.addEvent()
        for _ in 1...3 {
            try office.deliver()
            office.readAgain()
        }
        let request = try #require(office.requests.first)
        #expect(office.requests.count == 1)
        #expect(request.url == "https://erp.example.com/souk")
        #expect(
            String(decoding: request.body, as: UTF8.self) == #"""
                {"id":"1","type":"order.paid","subject":"/sales/1",\#
                "created_at":"2026-11-18T11:06:40.000Z","data":["note","x"]}
                """#)
        #expect(try request.field("webhook-id") == "1")
        #expect(try request.field("webhook-timestamp") == "1795000000")
        #expect(try request.field("content-type") == "application/json")
        let delivery = try office.deliveries()[0]
        #expect(delivery["state"] == "delivered" && delivery["next_attempt_at"] == .null)
        #expect(delivery["event"]?["type"] == "order.paid")
        #expect(delivery["attempts"]?[0]?["status"] == 200)
        #expect(try office.shop.breaches() == [])
    }

    /// The members of a message are those of its schema.
    @Test func messagesHaveTheMembersOfTheirSchema() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        try office.test()
        let schema = try #require(OpenAPI.read().schema(named: "WebhookMessage"))
        guard case .object(let members) = try office.requests[0].json,
            case .object(let properties)? = schema["properties"]
        else { throw TestFailure(description: "no object") }
        #expect(members.map(\.name) == properties.map(\.name))
        let types = try #require(OpenAPI.read().schema(named: "EventType")?["enum"]?.elements)
        #expect(Set(types.compactMap(\.text)) == Set(EventType.allCases.map(\.rawValue)))
    }

    /// Each pattern, with the types that it selects.
    @Test func matchesPatterns() throws {
        let office = try PostOffice()
        let patterns = ["*", "order.*", "order.paid", "stock.*", "review.created"]
        for pattern in patterns {
            try office.createWebhook("https://\(patterns.count).example", types: pattern)
        }
        try office.createWebhook(types: "order.*", "order.paid", "*")
        for type in EventType.allCases where type != .webhookTest {
            try office.addEvent(type, of: nil)
        }
        try office.deliver()
        for (index, pattern) in patterns.enumerated() {
            let found = try office.deliveries(of: Int64(index + 1)).compactMap {
                $0["event"]?["type"]?.text
            }
            let expected = EventType.matching(pattern)?.map(\.rawValue) ?? []
            #expect(found.sorted() == expected.sorted(), "\(pattern)")
        }
        // One message, although three patterns select it.
        let all = try office.deliveries(of: Int64(patterns.count + 1))
        #expect(all.count == EventType.allCases.count - 1)
    }

    @Test func keepsTheOrderOfAWebhook() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        for number in 1...30 { try office.addEvent(.orderPaid, on: "/sales/\(number)") }
        try office.deliver()
        #expect(office.requests.map(\.message) == (1...30).map { "\($0)" })
    }

    /// Only 2xx is a success.
    @Test(arguments: [
        (200, true), (201, true), (204, true), (299, true), (100, false), (301, false),
        (302, false), (307, false), (304, false), (400, false), (410, false), (429, false),
        (500, false), (503, false),
    ]) func judgesAnAnswer(status: Int64, isSuccess: Bool) throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        office.answers { _ in WebhookAnswer(status: status, body: Array("why".utf8)) }
        try office.addEvent()
        try office.deliver()
        let delivery = try office.deliveries()[0]
        #expect(delivery["state"] == (isSuccess ? "delivered" : "pending"))
        #expect(delivery["attempts"]?[0]?["status"] == .integer(status))
        #expect(delivery["attempts"]?[0]?["answer"] == "why")
        #expect(
            try office.webhook()["failing_since"]
                == (isSuccess ? .null : "2026-11-18T11:06:40.000Z"))
    }

    /// A status with an error, such as an answer that never ends, is a failure.
    @Test func anErrorIsAFailure() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        office.answers { _ in WebhookAnswer(status: 200, error: "timeout") }
        try office.addEvent()
        try office.deliver()
        #expect(try office.deliveries()[0]["state"] == "pending")
        #expect(try office.deliveries()[0]["attempts"]?[0]?["error"] == "timeout")
    }

    /// What receivers answer is stored as text, at most a KiB of it.
    @Test(
        arguments: [
            ("ok", "ok"), ("", nil), ("a\0b\u{7}c\td\n", "a\u{FFFD}b\u{FFFD}c\td\n"),
            (String(repeating: "a", count: 2000), String(repeating: "a", count: 1024)),
            (String(repeating: "ä", count: 600), String(repeating: "ä", count: 512)),
            ("x" + String(repeating: "ä", count: 600), "x" + String(repeating: "ä", count: 511)),
        ] as [(String, String?)]) func keepsTheBeginningOfAnAnswer(sent: String, kept: String?)
        throws
    {
        #expect(WebhookAnswer(status: 200, body: Array(sent.utf8)).beginning == kept)
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        office.answers { _ in WebhookAnswer(status: 200, body: Array(sent.utf8)) }
        try office.test()
        let answer = try office.deliveries()[0]["attempts"]?[0]?["answer"]
        #expect(answer == kept.map { .string($0) } ?? .null)
    }

    @Test func anAnswerThatIsNotTextIsStored() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        office.answers { _ in WebhookAnswer(status: 200, body: [0xFF, 0x00, 0xC3]) }
        try office.test()
        let answer = try office.deliveries()[0]["attempts"]?[0]?["answer"]
        #expect(answer == "\u{FFFD}\u{FFFD}\u{FFFD}")
    }

    /// After an erasure neither the message nor what a receiver repeated of it is left.
    @Test func anErasureReachesRetries() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "customer.updated")
        try office.shop.addCustomers(["zoe"])
        let zoe: Int64 = try office.shop.value(
            "SELECT id AS value FROM customers WHERE username = 'zoe'")
        office.answers { WebhookAnswer(status: 500, body: $0.body) }
        try office.addEvent(.customerUpdated, on: "/customers/zoe", "Zoe's street", of: zoe)
        try office.deliver()
        #expect(
            try office.deliveries()[0]["attempts"]?[0]?["answer"]?.text?.contains("street") == true)
        let retry = Scenario.Step(
            .post, "/webhooks/1/deliveries/1/retry", as: "adil", fields: .key("k"))
        #expect(try retry.succeeds(in: office.shop).text.contains("street"))
        try Scenario.Step(.delete, "/customers/zoe", as: "adil").succeeds(in: office.shop)
        try office.deliver()
        let last = try #require(office.requests.last)
        #expect(office.requests.count == 2)
        #expect(try last.json["data"] == .null)
        #expect(try last.json["subject"] == .string("/customers/erased~\(zoe)"))
        let everything = try office.shop.contents().values.joined().joined()
        #expect(!everything.contains("street"))
    }

    /// The answer to a request during which the person was erased is not stored.
    @Test func anErasureDuringARequestRemovesItsAnswer() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        try office.addEvent(.orderPaid, on: "/sales/1", "Ada's street")
        let store = office.shop.store
        office.answers { request in
            _ = try? store.write {
                try eraseEvents(of: 1, at: "/customers/ada", to: "/customers/erased~1", in: $0)
            }
            return WebhookAnswer(status: 200, body: request.body)
        }
        try office.deliver()
        #expect(office.requests.count == 1)
        #expect(try office.deliveries()[0]["attempts"]?[0]?["answer"] == .null)
        #expect(try !office.shop.contents().values.joined().joined().contains("street"))
    }

    @Test func aMissingEventEndsTheDelivery() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        office.answers { _ in WebhookAnswer(status: 500) }
        try office.addEvent()
        try office.deliver()
        try office.shop.store.write { _ = try $0.run("DELETE FROM events") }
        office.shop.clock.pass(seconds: 10)
        try office.deliver()
        let delivery = try office.deliveries()[0]
        #expect(delivery["state"] == "failed" && office.requests.count == 1)
        #expect(delivery["attempts"]?[1]?["error"] == "event_expired")
        let retry = try office.shop.send(.post, "/webhooks/1/deliveries/1/retry", as: "adil")
        #expect(try retry.json["code"] == "event_expired")
    }
}
