import HTTP
import Storage
import TestShop
import Testing

/// Runs 3,000 random operations on reviews in the shop and in a model.
///
/// Reviews are written, edited, decided, flagged, voted for and deleted.
@Suite struct ReviewModelTests {
    @Test func agreesWithTheModel() throws {
        let seed = SeededRandom.seed
        var chance = SeededRandom(seed: seed)
        let shop = try TestShop()
        try shop.addCustomers(Array(ReviewModel.names.dropFirst(2)))
        var model = ReviewModel()
        for number in 0..<3000 {
            shop.clock.pass(seconds: 1)
            if number % 300 == 0 { shop.forgetTokens() }
            let (step, expected) = model.next(&chance)
            let answer = try shop.send(step)
            try #require(
                answer.status.code == expected,
                "seed \(seed), number \(number): \(step), \(answer.text)")
            if expected == 201 { model.name(try answer.json["id"]?.integer ?? 0) }
        }
        for product in 1...2 {
            let approved = model.reviews.values.filter {
                $0.product == product && $0.status == "approved"
            }
            let summary = try shop.send(.get, "/reviews/summary?product_id=\(product)").json
            #expect(summary["count"]?.integer == Int64(approved.count), "seed \(seed)")
            for stars in 1...5 {
                let count = approved.count { $0.rating == stars }
                #expect(
                    summary["histogram"]?["\(stars)"]?.integer == Int64(count), "seed \(seed)")
            }
        }
        let rows = try shop.store.read { tx in
            try tx.all("SELECT id, rating, status, helpful, flags FROM reviews ORDER BY id") {
                """
                \(try $0["id"] as Int64) \(try $0["rating"] as Int64) \(try $0["status"] as String) \
                \(try $0["helpful"] as Int64) \(try $0["flags"] as Int64)
                """
            }
        }
        let expected = model.reviews.sorted { $0.key < $1.key }.map { id, review in
            "\(id) \(review.rating) \(review.status) \(review.votes.count) \(review.flags.count)"
        }
        #expect(rows == expected, "seed \(seed)")
        #expect(expected.count > 4, "seed \(seed)")
        #expect(try shop.breaches() == [], "seed \(seed)")
    }
}

private struct ReviewModel {
    struct Review {
        let author: Int
        let product: Int
        var rating: Int
        var status = "pending"
        var votes: Set<Int> = []
        var flags: Set<Int> = []

        func isSeen(by customer: Int) -> Bool { status == "approved" || author == customer }
    }

    static let names = ["ada", "ben", "cleo", "dora", "emil", "fred"]

    /// By id; 0 is a new review that has no id yet.
    var reviews: [Int64: Review] = [:]

    mutating func name(_ id: Int64) { reviews[id] = reviews.removeValue(forKey: 0) }

    /// A step and its status code.
    mutating func next(_ chance: inout SeededRandom) -> (Scenario.Step, Int) {
        let customer = chance.below(Self.names.count)
        let account = Self.names[customer]
        let ids = reviews.keys.sorted()
        let id = ids.isEmpty || chance.below(20) == 0 ? 99_999 : ids[chance.below(ids.count)]
        let target = "/reviews/\(id)"
        let rating = chance.below(5) + 1
        switch chance.below(16) {
        case 0...2:
            let product = chance.below(2) + 1
            return (
                .init(
                    .post, "/reviews", as: account,
                    #"{"product_id":\#(product),"rating":\#(rating)}"#),
                write(customer, product, rating)
            )
        case 3, 4:
            let body = chance.below(4) == 0 ? "{}" : #"{"rating":\#(rating)}"#
            // Mostly by the author, because other callers are rejected.
            let author = chance.below(4) == 0 ? customer : reviews[id]?.author ?? customer
            return (
                .init(.patch, target, as: Self.names[author], body),
                revise(id, author, body == "{}" ? nil : rating)
            )
        case 5...7: return (.init(.post, "\(target)/approve", as: "mona"), judge(id, "approved"))
        case 8:
            return (
                .init(.post, "\(target)/reject", as: "mona", #"{"reason":"spam"}"#),
                judge(id, "rejected")
            )
        case 9:
            let isModerator = chance.below(2) == 0
            return (
                .init(.delete, target, as: isModerator ? "mona" : account),
                delete(id, isModerator ? nil : customer)
            )
        case 10, 11:
            return (
                .init(.post, "\(target)/flag", as: account, #"{"reason":"rude"}"#),
                flag(id, customer)
            )
        case 12...14: return (.init(.put, "\(target)/vote", as: account), vote(id, customer))
        default: return (.init(.delete, "\(target)/vote", as: account), unvote(id, customer))
        }
    }

    private mutating func write(_ author: Int, _ product: Int, _ rating: Int) -> Int {
        guard !reviews.values.contains(where: { $0.author == author && $0.product == product })
        else { return 409 }
        reviews[0] = Review(author: author, product: product, rating: rating)
        return 201
    }

    private mutating func revise(_ id: Int64, _ customer: Int, _ rating: Int?) -> Int {
        guard let review = reviews[id], review.isSeen(by: customer) else { return 404 }
        guard review.author == customer else { return 403 }
        guard let rating, rating != review.rating else { return 200 }
        reviews[id]?.rating = rating
        reviews[id]?.status = "pending"
        return 200
    }

    private mutating func judge(_ id: Int64, _ status: String) -> Int {
        guard reviews[id] != nil else { return 404 }
        reviews[id]?.status = status
        reviews[id]?.flags = []
        return 200
    }

    /// By a moderator if `customer` is nil.
    private mutating func delete(_ id: Int64, _ customer: Int?) -> Int {
        guard let review = reviews[id] else { return 404 }
        if let customer, review.author != customer {
            return review.isSeen(by: customer) ? 403 : 404
        }
        reviews[id] = nil
        return 204
    }

    private mutating func flag(_ id: Int64, _ customer: Int) -> Int {
        guard let review = reviews[id], review.isSeen(by: customer) else { return 404 }
        return reviews[id]?.flags.insert(customer).inserted == true ? 204 : 409
    }

    private mutating func vote(_ id: Int64, _ customer: Int) -> Int {
        guard let review = reviews[id], review.isSeen(by: customer) else { return 404 }
        guard review.author != customer else { return 409 }
        reviews[id]?.votes.insert(customer)
        return 200
    }

    private mutating func unvote(_ id: Int64, _ customer: Int) -> Int {
        guard let review = reviews[id], review.isSeen(by: customer) else { return 404 }
        reviews[id]?.votes.remove(customer)
        return 204
    }
}
