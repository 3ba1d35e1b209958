import Storage
import TestShop
import Testing

@Suite struct ReviewsInvariantTests {
    static let rows: [(damage: SQL, subject: String)] = [
        ("UPDATE products SET rating_sum = 5 WHERE id = 1", "product 1"),
        ("UPDATE products SET rating_sum = 8, rating_count = 2 WHERE id = 1", "product 1"),
        ("UPDATE products SET rating_sum = 3, rating_count = 1 WHERE id = 2", "product 2"),
        ("UPDATE reviews SET status = 'rejected' WHERE id = 1", "product 1"),
        ("UPDATE reviews SET status = 'approved' WHERE id = 2", "product 2"),
        ("UPDATE reviews SET rating = 5 WHERE id = 1", "product 1"),
        ("DELETE FROM reviews WHERE id = 1", "product 1"),
        ("UPDATE review_histogram SET reviews = 2", "product 1 rating 4"),
        ("UPDATE review_histogram SET rating = 5", "product 1 rating 5"),
        ("DELETE FROM review_histogram", "product 1 rating 4"),
        (
            "INSERT INTO review_histogram (product_id, rating, reviews) VALUES (2, 3, 1)",
            "product 2 rating 3"
        ),
        ("UPDATE reviews SET helpful = 1 WHERE id = 2", "review 2"),
        ("INSERT INTO review_votes (review_id, customer_id) VALUES (1, 2)", "review 1"),
        ("UPDATE reviews SET flags = 1 WHERE id = 1", "review 1"),
        (
            "INSERT INTO review_flags (review_id, customer_id, reason, created_at) VALUES (2, 2, 'r', 0)",
            "review 2"
        ),
    ]

    @Test(arguments: rows) func reports(damage: SQL, subject: String) throws {
        let shop = try TestShop()
        _ = try shop.send(CreateReviewTests.write("ada", 4))
        _ = try shop.send(CreateReviewTests.write("ada", 3, product: 2))
        _ = try shop.send(.post, "/reviews/1/approve", as: "mona")
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run(damage) }
        #expect(try shop.breaches().contains(subject))
    }
}
