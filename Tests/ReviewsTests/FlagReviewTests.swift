import HTTP
import TestShop
import Testing

@Suite struct FlagReviewTests {
    static let seen = [CreateReviewTests.write("ada"), GetReviewTests.approved]
    static let queue = Scenario.Step(.get, "/reviews?flagged=true", as: "mona")
    static let body = #"{"reason":"rude"}"#

    static func flag(as account: String = "ben", query: String = "", review: Int = 1)
        -> Scenario.Step
    {
        .init(.post, "/reviews/\(review)/flag\(query)", as: account, body)
    }

    static let rows =
        [
            Scenario("an approved one", after: seen, flag(), gives: 204),
            Scenario("one's own", after: seen, flag(as: "ada"), gives: 204),
            Scenario(
                "a pending one, by a moderator", after: [CreateReviewTests.write("ada")],
                flag(as: "mona"), gives: 204),
            Scenario(
                "a pending one of another", after: [CreateReviewTests.write("ada")], flag(),
                gives: 404, code: "review_not_found"),
            Scenario(
                "a rejected one of another", after: seen + [GetReviewTests.rejected], flag(),
                gives: 404, code: "review_not_found"),
            Scenario(
                "a second time", after: seen + [flag()], flag(), gives: 409, code: "already_flagged"
            ),
            Scenario(
                "a second time, for another reason", after: seen + [flag()],
                .init(.post, "/reviews/1/flag", as: "ben", #"{"reason":"spam"}"#), gives: 409,
                code: "already_flagged"),
            Scenario(
                "a review that another customer has flagged", after: seen + [flag()],
                flag(as: "mona"), gives: 204),
            Scenario("an unknown review", flag(), gives: 404, code: "review_not_found"),
            Scenario(
                "an invalid id", .init(.post, "/reviews/x/flag", as: "ben", body), gives: 404,
                code: "not_found"),
            Scenario(
                "without a reason", after: seen, .init(.post, "/reviews/1/flag", as: "ben", "{}"),
                gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"reason"}]}"#),
            Scenario(
                "every fault at once", after: seen,
                .init(.post, "/reviews/1/flag", as: "ben", #"{"reason":"","kind":"spam"}"#),
                gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"reason"},{"field":"kind"}]}"#),
            Scenario(
                "no JSON", after: seen, .init(.post, "/reviews/1/flag", as: "ben", "rude"),
                gives: 400, code: "invalid_json"),
            Scenario(
                "no body", after: seen, .init(.post, "/reviews/1/flag", as: "ben"), gives: 415,
                code: "unsupported_media_type"),
            Scenario(
                "in a dry run", after: seen, flag(query: "?dry_run=true"), gives: 204,
                fields: ["Dry-Run": "true"]),
            Scenario(
                "after a dry run", after: seen + [flag(query: "?dry_run=true")], flag(), gives: 204),
            Scenario(
                "another method", .init(.get, "/reviews/1/flag", as: "ben"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "POST"]),
        ] + .closed(by: .post, "/reviews/1/flag", body)

    static let inQueue = #"{"data":[{"id":1}],"next":null}"#
    static let empty = #"{"data":[],"next":null}"#

    static let queues = [
        Scenario("nothing flagged", after: seen, queue, gives: 200, shows: empty),
        Scenario("one flagged", after: seen + [flag()], queue, gives: 200, shows: inQueue),
        Scenario(
            "a review flagged twice appears once", after: seen + [flag(), flag(as: "mona")], queue,
            gives: 200, shows: inQueue),
        Scenario(
            "one flagged in a dry run", after: seen + [flag(query: "?dry_run=true")], queue,
            gives: 200, shows: empty),
        Scenario(
            "of every status", after: seen + [flag(), UpdateReviewTests.revise(#"{"rating":1}"#)],
            queue, gives: 200, shows: #"{"data":[{"id":1,"status":"pending"}]}"#),
        Scenario(
            "of one status", after: seen + [flag()],
            .init(.get, "/reviews?flagged=true&status=pending", as: "mona"), gives: 200,
            shows: empty),
        Scenario(
            "settled by an approval", after: seen + [flag(), GetReviewTests.approved], queue,
            gives: 200, shows: empty),
        Scenario(
            "settled by a rejection", after: seen + [flag(), GetReviewTests.rejected], queue,
            gives: 200, shows: empty),
        Scenario(
            "settled by a deletion", after: seen + [flag(), DeleteReviewTests.delete()], queue,
            gives: 200, shows: empty),
        Scenario(
            "not settled by a dry run",
            after: seen + [flag(), .init(.post, "/reviews/1/approve?dry_run=true", as: "mona")],
            queue, gives: 200, shows: inQueue),
        Scenario(
            "flagged again", after: seen + [flag(), GetReviewTests.approved, flag(as: "sami")],
            queue, gives: 200, shows: inQueue),
        Scenario(
            "reviews without flags",
            after: seen + [
                CreateReviewTests.write("ben"), .init(.post, "/reviews/2/approve", as: "mona"),
                flag(),
            ],
            .init(.get, "/reviews?flagged=false", as: "mona"), gives: 200,
            shows: #"{"data":[{"id":2}]}"#),
        Scenario(
            "to staff", after: seen + [flag()], .init(.get, "/reviews?flagged=true", as: "sami"),
            gives: 200, shows: inQueue),
        Scenario(
            "not to its author", after: seen + [flag()],
            .init(.get, "/reviews?flagged=true", as: "ada"), gives: 403, code: "forbidden"),
        Scenario(
            "not to a customer by name", after: seen + [flag()],
            .init(.get, "/reviews?flagged=false&username=ben", as: "ben"), gives: 403,
            code: "forbidden"),
        Scenario(
            "not to an anonymous caller", .init(.get, "/reviews?flagged=true"), gives: 401,
            code: "token_missing"),
        Scenario(
            "an invalid boolean", .init(.get, "/reviews?flagged=1", as: "mona"), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"flagged"}]}"#),
    ]

    @Test(arguments: rows + queues) func answers(row: Scenario) throws { try row.play() }

    @Test func holdsTheBoundsOfTheReason() throws {
        let shop = try TestShop()
        for step in FlagReviewTests.seen { _ = try shop.send(step) }
        let bounds =
            Bound.inside("reason", Bound.text(1), Bound.text(500))
            + Bound.outside("reason", #""""#, Bound.text(501), #""\n""#, "null", "1")
        for bound in bounds {
            let body = #"{"reason":\#(bound.value)}"#
            let target = "/reviews/1/flag?dry_run=true"
            try bound.check(shop.send(.post, target, as: "ben", body))
        }
    }

    /// Moderators see who flagged a review, why and when.
    @Test func showsModeratorsTheReasons() throws {
        let shop = try TestShop()
        for step in FlagReviewTests.seen { _ = try shop.send(step) }
        for (account, reason) in [("ben", "rude"), ("sami", "off topic"), ("adil", "spam")] {
            let body = #"{"reason":"\#(reason)"}"#
            #expect(try shop.send(.post, "/reviews/1/flag", as: account, body).status.code == 204)
            shop.clock.pass(seconds: account == "ben" ? 1 : 0)
        }
        for limit in [1, 2, 100] {
            let flags = try shop.walk("/reviews/1/flags", as: "mona", limit: limit)
            #expect(flags.compactMap { $0["username"]?.text } == ["adil", "sami", "ben"])
            #expect(flags.compactMap { $0["reason"]?.text } == ["spam", "off topic", "rude"])
            #expect(flags.last?["created_at"] == "2026-11-18T11:06:40.000Z")
        }
        let queue = try shop.send(.get, "/reviews?flagged=true", as: "mona")
        #expect(try queue.json["data"]?[0]?["flags"] == 3)
        let list = try shop.send(.get, "/reviews", as: "mona")
        #expect(try list.json["data"]?[0]?["flags"] == nil)
        #expect(try shop.send(.get, "/reviews/2/flags", as: "mona").status.code == 404)
        _ = try shop.send(.post, "/reviews/1/approve", as: "mona")
        let settled = try shop.send(.get, "/reviews/1/flags", as: "mona")
        #expect(settled.text == #"{"data":[],"next":null}"#)
    }

    @Test func flagsOnceForOneKey() throws {
        let shop = try TestShop()
        for step in FlagReviewTests.seen { _ = try shop.send(step) }
        let replies = try (0..<2).map { _ in
            try shop.send(
                .post, "/reviews/1/flag", as: "ben", FlagReviewTests.body, fields: .key("k"))
        }
        #expect(replies.map(\.status.code) == [204, 204])
        #expect(replies.map(\.isReplay) == [false, true])
        #expect(replies.allSatisfy { $0.body.isEmpty && $0.fields[.contentType] == nil })
        let other = try shop.send(
            .post, "/reviews/1/flag", as: "ben", FlagReviewTests.body, fields: .key("l"))
        #expect(try other.json["code"] == "already_flagged")
    }

    @Test func flagsOnceFromSixteenThreads() throws {
        let shop = try TestShop()
        for step in FlagReviewTests.seen { _ = try shop.send(step) }
        for account in ["ben", "mona"] { _ = try shop.token(of: account) }
        let codes = atOnce(16) { number in
            (try? shop.send(FlagReviewTests.flag(as: number % 2 == 0 ? "ben" : "mona")))?
                .status.code
        }
        #expect(codes.filter { $0 == 204 }.count == 2)
        #expect(codes.filter { $0 == 409 }.count == 14)
        let flags: Int64 = try shop.value("SELECT flags AS value FROM reviews WHERE id = 1")
        #expect(flags == 2)
        #expect(try shop.breaches() == [])
    }

    /// The queue in every sort order, by product, by author and by stars.
    @Test func pagesTheQueue() throws {
        let shop = try TestShop()
        let reviews = try ListReviewsTests.write(in: shop)
        let flagged = reviews.filter { $0.id % 3 != 0 }
        for review in flagged {
            let step = FlagReviewTests.flag(as: "mona", review: Int(review.id))
            #expect(try shop.send(step).status.code == 204)
        }
        for filter in ListReviewsTests.filters {
            let kept = flagged.filter(filter.keeps)
            for sort in ListReviewsTests.sorts {
                let target =
                    "/reviews?flagged=true\(filter.query.isEmpty ? "" : "&\(filter.query)")"
                    + (sort.name.map { "&sort=\($0)" } ?? "")
                let ids = kept.sorted(by: sort.isBefore).map(\.id)
                #expect(try shop.ids(target, as: "mona") == ids, "\(target)")
                let approved = "\(target)&status=approved"
                let approvedIDs = kept.filter { $0.status == "approved" }.sorted(by: sort.isBefore)
                #expect(try shop.ids(approved, as: "mona") == approvedIDs.map(\.id), "\(approved)")
            }
        }
    }
}
