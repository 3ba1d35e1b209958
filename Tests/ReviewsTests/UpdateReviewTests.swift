import HTTP
import Storage
import TestShop
import Testing

@Suite struct UpdateReviewTests {
    static let written = Scenario.Step(
        .post, "/reviews", as: "ada",
        #"{"product_id":1,"rating":4,"title":"Fine","comment":"It writes."}"#)
    static let approved = GetReviewTests.approved
    static let rejected = GetReviewTests.rejected

    static func revise(_ body: String, as account: String = "ada", query: String = "")
        -> Scenario.Step
    {
        .init(.patch, "/reviews/1\(query)", as: account, body)
    }

    static let rows =
        [
            Scenario(
                "the rating only", after: [written], revise(#"{"rating":2}"#), gives: 200,
                shows:
                    #"{"id":1,"rating":2,"title":"Fine","comment":"It writes.","status":"pending"}"#
            ),
            Scenario(
                "the title only", after: [written], revise(#"{"title":"Good"}"#), gives: 200,
                shows: #"{"rating":4,"title":"Good","comment":"It writes."}"#),
            Scenario(
                "the comment only", after: [written], revise(#"{"comment":"It\ndoes."}"#),
                gives: 200, shows: #"{"rating":4,"title":"Fine","comment":"It\ndoes."}"#),
            Scenario(
                "clears title and comment", after: [written],
                revise(#"{"title":null,"comment":null}"#), gives: 200,
                shows: #"{"rating":4,"title":null,"comment":null}"#),
            Scenario(
                "all of it", after: [written],
                revise(#"{"rating":1,"title":"Bad","comment":"No."}"#), gives: 200,
                shows: #"{"rating":1,"title":"Bad","comment":"No."}"#),
            Scenario(
                "an approved one is pending again", after: [written, approved],
                revise(#"{"rating":2}"#), gives: 200,
                shows: #"{"status":"pending","rejection":null}"#),
            Scenario(
                "an empty change of an approved one", after: [written, approved], revise("{}"),
                gives: 200, shows: #"{"status":"approved","rating":4}"#),
            Scenario(
                "an approved one with the same values", after: [written, approved],
                revise(#"{"rating":4,"title":"Fine","comment":"It writes."}"#), gives: 200,
                shows: #"{"status":"approved"}"#),
            Scenario(
                "a rejected one with the same values", after: [written, rejected],
                revise(#"{"rating":4}"#), gives: 200, shows: #"{"status":"rejected"}"#),
            Scenario(
                "still counts if nothing changes", after: [written, approved, revise("{}")],
                .init(.get, "/inventory/1"), gives: 200, shows: #"{"rating":{"count":1}}"#),
            Scenario(
                "the same letters in another normalization",
                after: [
                    .init(
                        .post, "/reviews", as: "ada",
                        #"{"product_id":1,"rating":4,"title":"\u00e9"}"#), approved,
                ], revise(#"{"title":"e\u0301"}"#), gives: 200, shows: #"{"status":"pending"}"#),
            Scenario(
                "an approved one is hidden again",
                after: [written, approved, revise(#"{"rating":2}"#)], .init(.get, "/reviews/1"),
                gives: 404, code: "review_not_found"),
            Scenario(
                "an approved one no longer counts",
                after: [written, approved, revise(#"{"rating":2}"#)], .init(.get, "/inventory/1"),
                gives: 200, shows: #"{"rating":{"average":null,"count":0}}"#),
            Scenario(
                "counts again after an approval",
                after: [written, approved, revise(#"{"rating":2}"#), approved],
                .init(.get, "/reviews/summary?product_id=1"), gives: 200,
                shows: #"{"count":1,"histogram":{"1":0,"2":1,"3":0,"4":0,"5":0}}"#),
            Scenario(
                "a rejected one is pending again", after: [written, rejected],
                revise(#"{"comment":"Sorry."}"#), gives: 200,
                shows: #"{"status":"pending","rejection":null}"#),
            Scenario(
                "of an archived product",
                after: [written, .init(.delete, "/inventory/1", as: "sami")],
                revise(#"{"rating":2}"#), gives: 200, shows: #"{"rating":2}"#),
            Scenario(
                "in a dry run", after: [written, approved],
                revise(#"{"rating":2}"#, query: "?dry_run=true"), gives: 200,
                shows: #"{"rating":2,"status":"pending"}"#, fields: ["Dry-Run": "true"]),
            Scenario(
                "after a dry run",
                after: [written, approved, revise(#"{"rating":2}"#, query: "?dry_run=true")],
                .init(.get, "/reviews/1"), gives: 200, shows: #"{"rating":4,"status":"approved"}"#),
            Scenario(
                "another's that is pending", after: [written], revise(#"{"rating":2}"#, as: "ben"),
                gives: 404, code: "review_not_found"),
            Scenario(
                "another's that is approved", after: [written, approved],
                revise(#"{"rating":2}"#, as: "ben"), gives: 403, code: "forbidden"),
            Scenario(
                "another's, by a moderator", after: [written], revise(#"{"rating":2}"#, as: "mona"),
                gives: 403, code: "forbidden"),
            Scenario(
                "another's, by an admin", after: [written, approved],
                revise(#"{"rating":2}"#, as: "adil"), gives: 403, code: "forbidden"),
            Scenario(
                "an unknown review", revise(#"{"rating":2}"#), gives: 404, code: "review_not_found"),
            Scenario(
                "an invalid id", .init(.patch, "/reviews/0", as: "ada", "{}"), gives: 404,
                code: "not_found"),
            Scenario(
                "every fault at once", after: [written],
                revise(
                    #"{"rating":6,"title":"","comment":1,"status":"approved","helpful":9,"product_id":2}"#
                ), gives: 422, code: "invalid_request",
                shows:
                    #"""
                    {"errors":[{"field":"rating"},{"field":"title"},{"field":"comment"},\#
                    {"field":"status"},{"field":"helpful"},{"field":"product_id"}]}
                    """#
            ),
            Scenario(
                "no JSON", after: [written], revise("two stars"), gives: 400, code: "invalid_json"),
            Scenario(
                "no body", after: [written], .init(.patch, "/reviews/1", as: "ada"), gives: 415,
                code: "unsupported_media_type"),
            Scenario(
                "of any version", after: [written],
                .init(.patch, "/reviews/1", as: "ada", #"{"rating":2}"#, fields: [.ifMatch: "*"]),
                gives: 200),
            Scenario(
                "of another version", after: [written],
                .init(
                    .patch, "/reviews/1", as: "ada", #"{"rating":2}"#,
                    fields: [.ifMatch: #""0123""#]), gives: 412, code: "precondition_failed"),
        ] + .closed(by: .patch, "/reviews/1", #"{"rating":2}"#)

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    static let bounds =
        Bound.inside("rating", "1", "5")
        + Bound.outside("rating", "0", "6", "-1", "4.5", #""5""#, "null")
        + Bound.inside("title", Bound.text(1), Bound.text(120), "null")
        + Bound.outside("title", #""""#, Bound.text(121), #"" ""#, #""a\nb""#, "1")
        + Bound.inside("comment", Bound.text(1), Bound.text(5000), #""a\r\n\tb""#, "null")
        + Bound.outside("comment", #""""#, Bound.text(5001), #""\u0000""#, "[]")

    @Test func holdsTheBoundsOfEachField() throws {
        let shop = try TestShop()
        _ = try shop.send(UpdateReviewTests.written)
        for bound in UpdateReviewTests.bounds {
            let body = "{\"\(bound.field)\":\(bound.value)}"
            let response = try shop.send(.patch, "/reviews/1", as: "ada", body)
            try bound.check(response)
            guard response.status.kind == .successful else { continue }
            let sent = try JSON(parsing: Array(bound.value.utf8))
            #expect(try response.json[bound.field] == sent)
        }
    }

    @Test func changesOnlyTheMatchingVersion() throws {
        let shop = try TestShop()
        _ = try shop.send(UpdateReviewTests.written)
        let tag = try shop.send(.get, "/reviews/1", as: "ada").fields[.eTag] ?? ""
        shop.clock.pass(seconds: 5)
        let first = try shop.send(
            .patch, "/reviews/1", as: "ada", #"{"rating":2}"#, fields: [.ifMatch: tag])
        #expect(first.status.code == 200)
        #expect(try first.json["created_at"] == "2026-11-18T11:06:40.000Z")
        #expect(try first.json["updated_at"] == "2026-11-18T11:06:45.000Z")
        let late = try shop.send(
            .patch, "/reviews/1", as: "ada", #"{"rating":3}"#, fields: [.ifMatch: tag])
        #expect(late.status.code == 412)
        let now = first.fields[.eTag] ?? ""
        #expect(try shop.send(.get, "/reviews/1", as: "ada").fields[.eTag] == now)
        let right = try shop.send(
            .patch, "/reviews/1", as: "ada", #"{"rating":3}"#, fields: [.ifMatch: now])
        #expect(right.status.code == 200)
    }

    /// A revised review keeps its votes, its reply and its mark as a verified purchase.
    @Test func keepsVotesAndReply() throws {
        let shop = try TestShop()
        _ = try shop.send(CreateReviewTests.buy)
        _ = try shop.send(UpdateReviewTests.written)
        _ = try shop.send(UpdateReviewTests.approved)
        _ = try shop.send(.put, "/reviews/1/vote", as: "ben")
        _ = try shop.send(.put, "/reviews/1/reply", as: "sami", #"{"text":"Thank you"}"#)
        let revised = try shop.send(UpdateReviewTests.revise(#"{"rating":1}"#)).json
        #expect(revised["helpful"] == 1 && revised["reply"] == "Thank you")
        #expect(revised["verified_purchase"] == .bool(true))
        #expect(try shop.breaches() == [])
    }

    @Test func staysCorrectWithConcurrentModerators() throws {
        let shop = try TestShop()
        for account in ["ada", "mona"] { _ = try shop.token(of: account) }
        _ = try shop.send(UpdateReviewTests.written)
        onThreads(16) { number in
            for turn in 0..<6 {
                let stars = #"{"rating":\#((number + turn) % 5 + 1)}"#
                _ = try? shop.send(
                    number % 2 == 0
                        ? UpdateReviewTests.revise(stars) : UpdateReviewTests.approved)
            }
        }
        #expect(try shop.breaches() == [])
        let last = try shop.send(UpdateReviewTests.approved).json["rating"]?.integer ?? 0
        let summary = try shop.send(.get, "/reviews/summary?product_id=1").json
        #expect(summary["count"] == 1 && summary["histogram"]?["\(last)"] == 1)
    }
}
