import Glibc
import HTTP
import HTTPTypes
import Outbox
import Service
import Storage
import Synchronization
import TestShop
import Testing

/// The feed of a new shop begins with `product.created` for the pen and the lamp.
@Suite struct ListEventsTests {
    private static let buy = Scenario.Step(
        .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#)
    private static func list(_ query: String = "") -> Scenario.Step {
        .init(.get, "/events\(query)", as: "sami")
    }

    static let rows =
        [
            Scenario(
                "oldest first", list(), gives: 200,
                shows: #"""
                    {"data":[{"id":"1","type":"product.created","subject":"/inventory/1",\#
                    "actor":"sami","data":{"id":1,"name":"pen","stock":10,"low_stock":null}},\#
                    {"id":"2"}],"next":"2"}
                    """#),
            Scenario(
                "an order as staff see it", after: [buy], list("?after=2&limit=1"), gives: 200,
                shows: #"""
                    {"data":[{"id":"3","type":"order.created","subject":"/sales/1","actor":"ada",\#
                    "data":{"id":1,"username":"ada","total":250}}],"next":"3"}
                    """#),
            Scenario(
                "goes on from next", after: [buy], list("?after=3"), gives: 200,
                shows: #"{"data":[{"id":"4","type":"order.paid"}],"next":"4"}"#),
            Scenario(
                "a link to the next page", after: [buy], list("?type=order.*&limit=1&after=2"),
                gives: 200, shows: #"{"next":"3"}"#,
                fields: ["Link": #"</events?type=order.*&limit=1&after=3>; rel="next""#]),
            Scenario(
                "an empty page repeats after", list("?after=2"), gives: 200,
                shows: #"{"data":[],"next":"2"}"#),
            Scenario(
                "an id beyond the end", list("?after=77"), gives: 200,
                shows: #"{"data":[],"next":"77"}"#),
            Scenario(
                "one type", after: [buy], list("?type=order.paid"), gives: 200,
                shows: #"{"data":[{"id":"4"}],"next":"4"}"#),
            Scenario(
                "the types of a resource", after: [buy], list("?type=order.*"), gives: 200,
                shows: #"{"data":[{"id":"3"},{"id":"4"}],"next":"4"}"#),
            Scenario(
                "all types", after: [buy], list("?type=*&limit=3"), gives: 200,
                shows: #"{"data":[{"id":"1"},{"id":"2"},{"id":"3"}],"next":"3"}"#),
            Scenario(
                "one resource", after: [buy], list("?subject=/sales/1&type=order.*&after=3"),
                gives: 200, shows: #"{"data":[{"id":"4"}],"next":"4"}"#),
            Scenario(
                "every fault at once",
                list("?after=x&type=order&subject=&limit=101&wait=21&q=1"), gives: 422,
                code: "invalid_request",
                shows: #"""
                    {"errors":[{"field":"after"},{"field":"type"},{"field":"subject"},\#
                    {"field":"limit"},{"field":"wait"},{"field":"q"}]}
                    """#),
            Scenario("a negative id", list("?after=-1"), gives: 422, code: "invalid_request"),
            Scenario(
                "messages to endpoints are not in the feed", list("?type=webhook.test"),
                gives: 422, code: "invalid_request"),
            Scenario(
                "a moderator", .init(.get, "/events", as: "mona"), gives: 403, code: "forbidden"),
            Scenario(
                "another method", .init(.post, "/events", as: "sami", "{}"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "GET, HEAD"]),
        ] + .closed(by: .get, "/events")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// A client that follows the links ends there.
    @Test func theLastPageHasNoLink() throws {
        let shop = try TestShop()
        for query in ["", "?limit=2", "?after=1&limit=1", "?after=2", "?after=2&wait=1"] {
            let response = try shop.send(Self.list(query))
            #expect(!response.fields.contains { $0.name.canonicalName == "link" }, "\(query)")
            #expect(try response.json["next"] == "2")
        }
    }

    /// What ended the access of the caller, such as the revocation of a key.
    @Test(
        arguments: [
            ("DELETE FROM api_keys", 401), ("UPDATE customers SET status = 'suspended'", 401),
            ("UPDATE customers SET role = 'customer'", 403),
        ] as [(SQL, Int)])
    func aCallerWithoutAccessGetsNoLateAnswer(end: SQL, status: Int) throws {
        let shop = try TestShop()
        _ = try shop.token(of: "ada")
        let made = try Scenario.Step(
            .post, "/customers/sami/api-keys", as: "sami",
            #"{"name":"feed","scopes":["read:events"]}"#
        ).succeeds(in: shop)
        let key = try #require(try made.json["key"]?.text)
        let last = try shop.send(Self.list("?limit=100")).json["next"]?.text ?? ""
        let answers = atOnce(2) { number in
            Result {
                guard number == 1 else {
                    return try shop.send(
                        .get, "/events?after=\(last)&wait=20",
                        fields: [.authorization: "Bearer \(key)"])
                }
                usleep(500_000)
                try shop.store.write { tx in
                    try tx.run(end)
                    try publish(
                        .orderPaid, on: "/sales/1", ["a"], of: nil, by: nil, at: shop.clock.now,
                        in: tx)
                }
                return nil
            } as Result<Response?, any Error>
        }
        let answer = try #require(try answers[0].get())
        #expect(answer.status.code == status && !answer.text.contains("order.paid"))
    }

    @Test("an empty list waits until another request makes an event")
    func waits() throws {
        let shop = try TestShop()
        for name in ["sami", "ada"] { _ = try shop.token(of: name) }
        let answers = atOnce(2) { number in
            Result {
                guard number == 1 else {
                    return try shop.send(.get, "/events?after=2&wait=20", as: "sami").text
                }
                let order = #"{"items":[{"product_id":1,"quantity":1}]}"#
                return try shop.send(.post, "/sales", as: "ada", order).text
            }
        }
        #expect(try answers[0].get().contains("order.created"))
    }

    @Test("no more requests wait than the shop allows; the others are answered at once")
    func waitsAreLimited() throws {
        let shop = try TestShop()
        for name in ["sami", "ada"] { _ = try shop.token(of: name) }
        // One of four may wait: it gets the event that the last of the others makes.
        let answered = Atomic(0)
        let begin = ContinuousClock.now
        let answers = atOnce(4) { _ in
            Result {
                let page = try shop.send(.get, "/events?after=2&wait=20", as: "sami").text
                if answered.add(1, ordering: .relaxed).newValue == 3 {
                    #expect(ContinuousClock.now - begin < .seconds(15))
                    try Self.buy.succeeds(in: shop)
                }
                return page
            }
        }
        let pages = try answers.map { try $0.get() }
        #expect(pages.count { $0.contains("order.created") } == 1)
        #expect(pages.count { $0.contains(#""data":[]"#) } == 3)
    }
}
