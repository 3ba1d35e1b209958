import HTTP
import Storage
import TestShop
import Testing

@Suite struct VoteTests {
    static let seen = FlagReviewTests.seen

    static func vote(as account: String = "ben", query: String = "") -> Scenario.Step {
        .init(.put, "/reviews/1/vote\(query)", as: account)
    }

    static func unvote(as account: String = "ben", query: String = "") -> Scenario.Step {
        .init(.delete, "/reviews/1/vote\(query)", as: account)
    }

    static let show = Scenario.Step(.get, "/reviews/1")

    static let rows =
        [
            Scenario(
                "helpful", after: seen, vote(), gives: 200,
                shows: #"{"id":1,"helpful":1,"status":"approved"}"#),
            Scenario(
                "twice by one counts once", after: seen + [vote()], vote(), gives: 200,
                shows: #"{"helpful":1}"#),
            Scenario(
                "by two counts twice", after: seen + [vote()], vote(as: "mona"), gives: 200,
                shows: #"{"helpful":2}"#),
            Scenario("on one's own", after: seen, vote(as: "ada"), gives: 409, code: "own_review"),
            Scenario(
                "on one's own that is pending", after: [CreateReviewTests.write("ada")],
                vote(as: "ada"), gives: 409, code: "own_review"),
            Scenario(
                "on another's that is pending", after: [CreateReviewTests.write("ada")], vote(),
                gives: 404, code: "review_not_found"),
            Scenario("on an unknown review", vote(), gives: 404, code: "review_not_found"),
            Scenario(
                "on an invalid id", .init(.put, "/reviews/-1/vote", as: "ben"), gives: 404,
                code: "not_found"),
            Scenario(
                "in a dry run", after: seen, vote(query: "?dry_run=true"), gives: 200,
                shows: #"{"helpful":1}"#, fields: ["Dry-Run": "true"]),
            Scenario(
                "after a dry run", after: seen + [vote(query: "?dry_run=true")], show, gives: 200,
                shows: #"{"helpful":0}"#),
            Scenario(
                "on any version", after: seen,
                .init(.put, "/reviews/1/vote", as: "ben", fields: [.ifMatch: "*"]), gives: 200),
            Scenario(
                "on another version", after: seen,
                .init(.put, "/reviews/1/vote", as: "ben", fields: [.ifMatch: #""0123""#]),
                gives: 412, code: "precondition_failed"),
            Scenario("no longer helpful", after: seen + [vote()], unvote(), gives: 204),
            Scenario(
                "no longer counted", after: seen + [vote(), vote(as: "mona"), unvote()], show,
                gives: 200, shows: #"{"helpful":1}"#),
            Scenario(
                "taken back twice", after: seen + [vote(), vote(as: "mona"), unvote(), unvote()],
                show, gives: 200, shows: #"{"helpful":1}"#),
            Scenario(
                "taken back without a vote", after: seen + [vote(as: "mona")], unvote(), gives: 204),
            Scenario(
                "given again", after: seen + [vote(), unvote()], vote(), gives: 200,
                shows: #"{"helpful":1}"#),
            Scenario(
                "taken back in a dry run", after: seen + [vote()], unvote(query: "?dry_run=true"),
                gives: 204, fields: ["Dry-Run": "true"]),
            Scenario(
                "still there after a dry run",
                after: seen + [vote(), unvote(query: "?dry_run=true")], show, gives: 200,
                shows: #"{"helpful":1}"#),
            Scenario(
                "taken back from an unknown review", unvote(), gives: 404, code: "review_not_found"),
            Scenario(
                "taken back from another version", after: seen + [vote()],
                .init(.delete, "/reviews/1/vote", as: "ben", fields: [.ifMatch: #""0123""#]),
                gives: 412, code: "precondition_failed"),
            Scenario(
                "by POST", .init(.post, "/reviews/1/vote", as: "ben"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "DELETE, PUT"]),
        ] + .closed(by: .put, "/reviews/1/vote") + .closed(by: .delete, "/reviews/1/vote")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func countsOnlyForTheMatchingVersion() throws {
        let shop = try TestShop()
        for step in VoteTests.seen { _ = try shop.send(step) }
        let tag = try shop.send(VoteTests.show).fields[.eTag] ?? ""
        let first = try shop.send(.put, "/reviews/1/vote", as: "ben", fields: [.ifMatch: tag])
        #expect(first.status.code == 200)
        #expect(try first.fields[.eTag] == shop.send(VoteTests.show).fields[.eTag])
        let late = try shop.send(.delete, "/reviews/1/vote", as: "ben", fields: [.ifMatch: tag])
        #expect(late.status.code == 412)
    }

    @Test func countsOnceFromSixteenThreads() throws {
        let shop = try TestShop()
        for step in VoteTests.seen { _ = try shop.send(step) }
        for account in ["ben", "mona", "sami"] { _ = try shop.token(of: account) }
        onThreads(16) { number in
            for turn in 0..<9 {
                let account = ["ben", "mona", "sami"][turn % 3]
                let isTakenBack = (number + turn) % 4 == 0
                let step =
                    isTakenBack
                    ? VoteTests.unvote(as: account) : VoteTests.vote(as: account)
                _ = try? shop.send(step)
            }
        }
        #expect(try shop.breaches() == [])
        for account in ["ben", "mona", "sami"] {
            _ = try shop.send(VoteTests.vote(as: account))
        }
        #expect(try shop.send(VoteTests.show).json["helpful"] == 3)
    }

    @Test func sortsByThem() throws {
        let shop = try TestShop()
        let voters = (0..<4).map { "voter\($0)" }
        try shop.addCustomers(voters)
        let reviews = try ListReviewsTests.write(in: shop).filter { $0.status == "approved" }
        var votes: [Int64: Int] = [:]
        for review in reviews {
            votes[review.id] = Int(review.id) % 4
            for voter in voters.prefix(Int(review.id) % 4) {
                _ = try shop.send(.put, "/reviews/\(review.id)/vote", as: voter)
            }
        }
        let rising = reviews.map { (votes[$0.id] ?? 0, $0.id) }.sorted { $0 < $1 }.map(\.1)
        #expect(try shop.ids("/reviews?sort=helpful") == rising)
        #expect(try shop.ids("/reviews?sort=-helpful") == rising.reversed())
        let ofOne = rising.filter { $0 <= 15 }
        #expect(try shop.ids("/reviews?product_id=1&sort=-helpful") == ofOne.reversed())
        #expect(try shop.breaches() == [])
    }
}
