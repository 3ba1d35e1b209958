import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

/// The quota of stored responses of an account.
@Suite struct IdempotencyQuotaTests {
    /// Stores responses until the quota is checked again.
    private func fill(_ shop: TestShop, account: Int64, answers: Int64) throws {
        try shop.store.write { tx in
            try tx.run(
                """
                WITH RECURSIVE numbers (n) AS (
                    SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < \(answers)
                )
                INSERT INTO idempotency_keys
                    (caller_id, key, request_id, fingerprint, status, body, created_at)
                SELECT \(account), 'stored ' || n, '', '', 204, '', \(shop.clock.now) FROM numbers
                """)
        }
    }

    @Test func refusesNewKeysForAnHour() throws {
        let shop = try TestShop.furnished()
        let ben: Int64 = try shop.value("SELECT id AS value FROM customers WHERE username = 'ben'")
        try fill(shop, account: ben, answers: 9_999)
        let order = #"{"items":[{"product_id":1,"quantity":1}]}"#
        try shop.store.write { tx in
            try tx.run("UPDATE products SET stock = 100, price = 0 WHERE id = 1")
        }
        var refused: Response?
        // One request in sixteen counts the rows.
        for number in 0..<40 where refused == nil {
            let response = try shop.send(
                .post, "/sales", as: "ben", order, fields: .key("new \(number)"))
            if response.status == .tooManyRequests { refused = response }
        }
        let answer = try #require(refused)
        #expect(try answer.json["code"] == .string("idempotency_quota_exceeded"))
        let seconds = answer.fields[.retryAfter].flatMap(Int.init) ?? 0
        #expect((1...3600).contains(seconds))
        // Requests without a key, with a stored key, and of other accounts are not affected.
        let without = try shop.send(.post, "/sales", as: "ben", order)
        #expect(without.status != .tooManyRequests)
        let replayed = try shop.send(.post, "/sales", as: "ben", order, fields: .key("new 0"))
        #expect(replayed.status == .created || replayed.status == .conflict)
        let other = try shop.send(.post, "/sales", as: "ada", order, fields: .key("new 1"))
        #expect(other.status != .tooManyRequests)
        shop.clock.pass(seconds: 3601)
        let later = try shop.send(.post, "/sales", as: "ben", order, fields: .key("later"))
        #expect(later.status != .tooManyRequests)
    }
}
