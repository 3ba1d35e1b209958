import HTTP
import Storage
import TestShop
import Testing

@Suite struct GetReviewSummaryTests {
    static let target = "/reviews/summary?product_id=1"
    static let none =
        #"{"product_id":1,"average":null,"count":0,"histogram":{"1":0,"2":0,"3":0,"4":0,"5":0}}"#

    static let rows = [
        Scenario("of no review", .init(.get, target), gives: 200, shows: none),
        Scenario(
            "of one that is pending", after: [CreateReviewTests.write("ada")], .init(.get, target),
            gives: 200, shows: none),
        Scenario(
            "of one that was rejected",
            after: [
                CreateReviewTests.write("ada"), GetReviewTests.approved, GetReviewTests.rejected,
            ], .init(.get, target), gives: 200, shows: none),
        Scenario(
            "of one", after: FlagReviewTests.seen, .init(.get, target), gives: 200,
            shows: #"{"count":1,"histogram":{"1":0,"2":0,"3":0,"4":0,"5":1}}"#),
        Scenario(
            "of another product", after: FlagReviewTests.seen,
            .init(.get, "/reviews/summary?product_id=2"), gives: 200,
            shows: #"{"product_id":2,"average":null,"count":0}"#),
        Scenario("to a customer", .init(.get, target, as: "ada"), gives: 200),
        Scenario(
            "with a bad token", .init(.get, target, fields: [.authorization: "Bearer x"]),
            gives: 401, code: "token_invalid"),
        Scenario(
            "of an unknown product", .init(.get, "/reviews/summary?product_id=3"), gives: 404,
            code: "product_not_found"),
        Scenario(
            "of an archived product", after: [.init(.delete, "/inventory/1", as: "sami")],
            .init(.get, target), gives: 404, code: "product_not_found"),
        Scenario(
            "of none", .init(.get, "/reviews/summary"), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"product_id"}]}"#),
        Scenario(
            "of an invalid id", .init(.get, "/reviews/summary?product_id=0&limit=1"), gives: 422,
            code: "invalid_request",
            shows: #"{"errors":[{"field":"product_id"},{"field":"limit"}]}"#),
        Scenario(
            "by POST", .init(.post, "/reviews/summary", as: "ada"), gives: 405,
            code: "method_not_allowed"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func isWritten() throws {
        let shop = try TestShop()
        try shop.addCustomers(["carl", "dora"])
        for (name, stars) in [("ada", 5), ("ben", 5), ("carl", 3), ("dora", 1)] {
            let id = try shop.send(CreateReviewTests.write(name, stars)).json["id"]?.integer ?? 0
            _ = try shop.send(.post, "/reviews/\(id)/approve", as: "mona")
        }
        let first = try shop.send(.get, GetReviewSummaryTests.target)
        #expect(
            first.text
                == #"{"product_id":1,"average":3.50,"count":4,"histogram":{"1":1,"2":0,"3":1,"4":0,"5":2}}"#
        )
        let tag = first.fields[.eTag] ?? ""
        let same = try shop.send(.get, GetReviewSummaryTests.target, fields: [.ifNoneMatch: tag])
        #expect(same.status.code == 304 && same.body.isEmpty)
    }

    /// After each of 600 random operations, the summary equals a recount.
    @Test func equalsARecount() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var chance = SeededRandom(seed: seed)
        let shop = try TestShop()
        let authors = (0..<8).map { "author\($0)" }
        try shop.addCustomers(authors)
        var written: [Int64: String] = [:]
        for _ in 0..<600 {
            let author = authors[chance.below(8)]
            let product = chance.below(2) + 1
            let review = written.keys.sorted().dropFirst(chance.below(written.count + 1)).first
            let owner = review.flatMap { written[$0] } ?? author
            let stars = chance.below(5) + 1
            switch (chance.below(6), review) {
            case (1, let review?), (2, let review?):
                _ = try shop.send(.post, "/reviews/\(review)/approve", as: "mona")
            case (3, let review?):
                _ = try shop.send(
                    .post, "/reviews/\(review)/reject", as: "mona", #"{"reason":"r"}"#)
            case (4, let review?):
                _ = try shop.send(.patch, "/reviews/\(review)", as: owner, #"{"rating":\#(stars)}"#)
            case (5, let review?) where chance.below(2) == 0:
                _ = try shop.send(.delete, "/reviews/\(review)", as: owner)
                written[review] = nil
            default:
                let made = try shop.send(CreateReviewTests.write(author, stars, product: product))
                if let id = try made.json["id"]?.integer { written[id] = author }
            }
            try compare(product: product, in: shop, seed: seed)
        }
        #expect(try shop.breaches() == [], "seed \(seed)")
    }

    private func compare(product: Int, in shop: TestShop, seed: UInt64) throws {
        let target = "/reviews/summary?product_id=\(product)"
        let summary = try shop.send(.get, target).json
        let list = try shop.send(.get, "/reviews?product_id=\(product)&limit=100").json["data"]
        let stars = list?.elements.compactMap { $0["rating"]?.integer } ?? []
        #expect(summary["count"] == .integer(Int64(stars.count)), "seed \(seed)")
        for rating in 1...5 as ClosedRange<Int64> {
            let count = Int64(stars.filter { $0 == rating }.count)
            #expect(summary["histogram"]?["\(rating)"] == .integer(count), "seed \(seed)")
        }
        let shown = try shop.send(.get, "/inventory/\(product)").json["rating"]
        #expect(shown?["average"] == summary["average"], "seed \(seed)")
    }
}

/// Numbers that a seed repeats: SplitMix64 (Steele, Lea, Flood 2014).
private struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
