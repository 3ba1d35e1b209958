import HTTP
import Storage
import TestShop
import Testing

/// `souk check` on the responses that idempotency keys replay.
@Suite struct OrderReplayTests {
    static let rows: [(damage: SQL, subject: String)] = [
        (
            "UPDATE idempotency_keys SET location = '/sales/2' WHERE key = 'sale'",
            "the key of /sales/2"
        ),
        (
            "UPDATE idempotency_keys SET location = '/sales/x' WHERE key = 'sale'",
            "the key of /sales/x"
        ),
        ("UPDATE idempotency_keys SET caller_id = 2 WHERE key = 'sale'", "the key of /sales/1"),
        (
            "UPDATE idempotency_keys SET location = '/inventory/9' WHERE key = 'ink'",
            "the key of /inventory/9"
        ),
        (
            "UPDATE idempotency_keys SET location = '/inventory/9/movements' WHERE key = 'box'",
            "the key of /inventory/9/movements"
        ),
        ("UPDATE idempotency_keys SET caller_id = 99 WHERE key = 'ink'", "a key of customer 99"),
    ]

    @Test(arguments: rows) func reports(damage: SQL, subject: String) throws {
        let shop = try TestShop()
        let steps: [Scenario.Step] = [
            .init(
                .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#,
                fields: .key("sale")),
            .init(
                .post, "/inventory", as: "sami", #"{"name":"ink","category":"c","price":1}"#,
                fields: .key("ink")),
            .init(
                .post, "/inventory/1/stock", as: "sami", #"{"delta":1,"reason":"a box"}"#,
                fields: .key("box")),
        ]
        for step in steps { #expect(try shop.send(step).status.code == 201) }
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run(damage) }
        #expect(try shop.breaches().contains(subject))
    }
}
