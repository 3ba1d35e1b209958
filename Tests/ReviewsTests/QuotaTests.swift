import HTTP
import Storage
import TestShop
import Testing
import Words

/// What one account can store is bounded.
@Suite struct QuotaTests {
    /// Products 3 to `count` + 2, and a row of `sql` for each.
    private func fill(_ shop: TestShop, _ count: Int64, _ row: @Sendable (Int64) -> SQL) throws {
        let now = shop.clock.now
        try shop.store.write { tx in
            for id in 3..<(count + 3) {
                try tx.run(
                    """
                    INSERT INTO products
                        (id, name, name_key, category, price, stock, created_at, updated_at)
                    VALUES (\(id), 'a', \(sortKey("a")), 'paper', 1, 0, \(now), \(now))
                    """)
                try tx.run(row(id))
            }
        }
    }

    @Test func aHundredPendingReviews() throws {
        let shop = try TestShop()
        let now = shop.clock.now
        try fill(shop, 99) { id in
            """
            INSERT INTO reviews (product_id, customer_id, rating, status, verified_purchase, created_at, updated_at)
            VALUES (\(id), 1, 5, 'pending', 0, \(now), \(now))
            """
        }
        let last = try shop.send(.post, "/reviews", as: "ada", #"{"product_id":1,"rating":5}"#)
        #expect(last.status.code == 201)
        let location = last.fields[.location] ?? ""
        let over = try shop.send(.post, "/reviews", as: "ada", #"{"product_id":2,"rating":5}"#)
        #expect(over.status.code == 422)
        #expect(try over.json["code"] == "quota_exceeded")
        // Another customer, and the author of an approved review, are not limited; a revision is.
        let bens = try shop.send(.post, "/reviews", as: "ben", #"{"product_id":2,"rating":5}"#)
        #expect(bens.status.code == 201)
        try Scenario.Step(.post, "\(location)/approve", as: "mona").succeeds(in: shop)
        try Scenario.Step(
            .post, "/reviews", as: "ada", #"{"product_id":2,"rating":5}"#
        ).succeeds(in: shop)
        let revised = try shop.send(.patch, location, as: "ada", #"{"rating":4}"#)
        #expect(try revised.json["code"] == "quota_exceeded")
    }

    @Test func fiveHundredWishes() throws {
        let shop = try TestShop()
        let now = shop.clock.now
        try fill(shop, 499) { id in
            "INSERT INTO wishlist_items (customer_id, product_id, created_at) VALUES (1, \(id), \(now))"
        }
        for (product, status) in [(1, 200), (2, 422), (1, 200)] {
            let answer = try shop.send(.put, "/wishlist/\(product)", as: "ada")
            #expect(answer.status.code == status, "\(answer.text)")
            if status == 422 { #expect(try answer.json["code"] == "quota_exceeded") }
        }
        #expect(try shop.send(.put, "/wishlist/2", as: "ben").status.code == 200)
    }

    @Test func aHundredFlagsADay() throws {
        let shop = try TestShop()
        let now = shop.clock.now
        for product in 1...2 {
            try Scenario.Step(
                .post, "/reviews", as: "ben", #"{"product_id":\#(product),"rating":1}"#
            ).succeeds(in: shop)
            try Scenario.Step(.post, "/reviews/\(product)/approve", as: "mona").succeeds(in: shop)
        }
        try fill(shop, 99) { id in
            """
            INSERT INTO reviews (id, product_id, customer_id, rating, status, flags,
                verified_purchase, created_at, updated_at)
            VALUES (\(id), \(id), 2, 5, 'approved', 1, 0, \(now), \(now))
            """
        }
        try shop.store.write { tx in
            try tx.run(
                """
                INSERT INTO review_flags (review_id, customer_id, reason, created_at)
                SELECT id, 1, 'rude', \(now) FROM reviews WHERE id > 2
                """)
        }
        func flag(_ review: Int) throws -> Int {
            try shop.send(
                .post, "/reviews/\(review)/flag", as: "ada", #"{"reason":"rude"}"#
            ).status.code
        }
        #expect(try flag(1) == 204)
        #expect(try flag(2) == 422)
        shop.clock.pass(seconds: 86_400)
        shop.forgetTokens()
        #expect(try flag(2) == 204)
    }
}
