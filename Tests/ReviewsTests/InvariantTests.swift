import Storage
import TestShop
import Testing

@Suite struct InvariantTests {
    // swift-format-ignore
    static let rows: [(damage: SQL, subject: String)] = [
        ("UPDATE products SET rating_sum = 5 WHERE id = 1",                   "product 1"),
        ("UPDATE products SET rating_sum = 8, rating_count = 2 WHERE id = 1", "product 1"),
        ("UPDATE products SET rating_sum = 3, rating_count = 1 WHERE id = 2", "product 2"),
        ("UPDATE reviews SET status = 'rejected' WHERE id = 1",               "product 1"),
        ("UPDATE reviews SET status = 'approved' WHERE id = 2",               "product 2"),
        ("UPDATE reviews SET rating = 5 WHERE id = 1",                        "product 1"),
        ("DELETE FROM reviews WHERE id = 1",                                  "product 1"),
    ]

    @Test(arguments: rows) func reports(damage: SQL, subject: String) throws {
        let shop = try TestShop()
        _ = try shop.send(WriteReviewTests.write("ada", 4))
        _ = try shop.send(WriteReviewTests.write("ada", 3, product: 2))
        _ = try shop.send(.post, "/reviews/1/approve", as: "mona")
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run(damage) }
        #expect(try shop.breaches().contains(subject))
    }
}
