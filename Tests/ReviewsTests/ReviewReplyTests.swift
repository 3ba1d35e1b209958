import HTTP
import TestShop
import Testing

@Suite struct ReviewReplyTests {
    static let written = CreateReviewTests.write("ada")
    static let seen = FlagReviewTests.seen
    static let body = #"{"text":"Thank you"}"#
    static let reply = Scenario.Step(.put, "/reviews/1/reply", as: "sami", body)
    static let remove = Scenario.Step(.delete, "/reviews/1/reply", as: "sami")
    static let show = Scenario.Step(.get, "/reviews/1")

    static let rows =
        [
            Scenario(
                "a reply", after: seen, reply, gives: 200,
                shows:
                    #"{"id":1,"status":"approved","reply":"Thank you","replied_at":"2026-11-18T11:06:40.000Z"}"#
            ),
            Scenario(
                "anonymous callers see it", after: seen + [reply], show, gives: 200,
                shows: #"{"reply":"Thank you"}"#),
            Scenario(
                "it is in the list", after: seen + [reply], .init(.get, "/reviews?product_id=1"),
                gives: 200, shows: #"{"data":[{"reply":"Thank you"}]}"#),
            Scenario(
                "no reply initially", after: seen, show, gives: 200,
                shows: #"{"reply":null,"replied_at":null}"#),
            Scenario(
                "a reply replaces the previous one", after: seen + [reply],
                .init(.put, "/reviews/1/reply", as: "adil", #"{"text":"Thanks\na lot"}"#),
                gives: 200, shows: #"{"reply":"Thanks\na lot"}"#),
            Scenario(
                "to a pending one", after: [written], reply, gives: 200,
                shows: #"{"status":"pending","reply":"Thank you"}"#),
            Scenario("to an unknown review", reply, gives: 404, code: "review_not_found"),
            Scenario(
                "to an invalid id", .init(.put, "/reviews/x/reply", as: "sami", body), gives: 404,
                code: "not_found"),
            Scenario(
                "without a text", after: seen, .init(.put, "/reviews/1/reply", as: "sami", "{}"),
                gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"text"}]}"#),
            Scenario(
                "every fault at once", after: seen,
                .init(.put, "/reviews/1/reply", as: "sami", #"{"text":"","reply":"x"}"#),
                gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"text"},{"field":"reply"}]}"#),
            Scenario(
                "no JSON", after: seen, .init(.put, "/reviews/1/reply", as: "sami", "Thanks"),
                gives: 400, code: "invalid_json"),
            Scenario(
                "no body", after: seen, .init(.put, "/reviews/1/reply", as: "sami"), gives: 415,
                code: "unsupported_media_type"),
            Scenario(
                "in a dry run", after: seen,
                .init(.put, "/reviews/1/reply?dry_run=true", as: "sami", body), gives: 200,
                shows: #"{"reply":"Thank you"}"#, fields: ["Dry-Run": "true"]),
            Scenario(
                "after a dry run",
                after: seen + [.init(.put, "/reviews/1/reply?dry_run=true", as: "sami", body)],
                show, gives: 200, shows: #"{"reply":null}"#),
            Scenario(
                "to any version", after: seen,
                .init(.put, "/reviews/1/reply", as: "sami", body, fields: [.ifMatch: "*"]),
                gives: 200),
            Scenario(
                "to another version", after: seen,
                .init(.put, "/reviews/1/reply", as: "sami", body, fields: [.ifMatch: #""0123""#]),
                gives: 412, code: "precondition_failed"),
            Scenario("deleted", after: seen + [reply], remove, gives: 204),
            Scenario(
                "a deleted reply is not shown", after: seen + [reply, remove], show, gives: 200,
                shows: #"{"reply":null,"replied_at":null}"#),
            Scenario(
                "deleted without a reply", after: seen, remove, gives: 404, code: "reply_not_found"),
            Scenario(
                "deleted twice", after: seen + [reply, remove], remove, gives: 404,
                code: "reply_not_found"),
            Scenario(
                "deleted from an unknown review", remove, gives: 404, code: "review_not_found"),
            Scenario(
                "deleted in a dry run", after: seen + [reply],
                .init(.delete, "/reviews/1/reply?dry_run=true", as: "sami"), gives: 204,
                fields: ["Dry-Run": "true"]),
            Scenario(
                "still shown after a dry run",
                after: seen + [reply, .init(.delete, "/reviews/1/reply?dry_run=true", as: "sami")],
                show, gives: 200, shows: #"{"reply":"Thank you"}"#),
            Scenario(
                "deleted from another version", after: seen + [reply],
                .init(.delete, "/reviews/1/reply", as: "sami", fields: [.ifMatch: #""0123""#]),
                gives: 412, code: "precondition_failed"),
            Scenario(
                "by GET", .init(.get, "/reviews/1/reply", as: "sami"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "DELETE, PUT"]),
        ] + .closed(to: "ada", "ben", "mona", by: .put, "/reviews/1/reply", body)
        + .closed(to: "ada", "ben", "mona", by: .delete, "/reviews/1/reply")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func holdsTheBoundsOfTheText() throws {
        let shop = try TestShop()
        for step in ReviewReplyTests.seen { _ = try shop.send(step) }
        let bounds =
            Bound.inside("text", Bound.text(1), Bound.text(5000), #""a\r\n\tb""#)
            + Bound.outside("text", #""""#, #"" \n""#, Bound.text(5001), #""\u0007""#, "null", "1")
        for bound in bounds {
            let body = #"{"text":\#(bound.value)}"#
            try bound.check(shop.send(.put, "/reviews/1/reply", as: "sami", body))
        }
    }

    @Test func repliesOnlyToTheMatchingVersion() throws {
        let shop = try TestShop()
        for step in ReviewReplyTests.seen { _ = try shop.send(step) }
        let tag = try shop.send(ReviewReplyTests.show).fields[.eTag] ?? ""
        _ = try shop.send(VoteTests.vote())
        let late = try shop.send(
            .put, "/reviews/1/reply", as: "sami", ReviewReplyTests.body, fields: [.ifMatch: tag])
        #expect(late.status.code == 412)
        let now = try shop.send(ReviewReplyTests.show).fields[.eTag] ?? ""
        let right = try shop.send(
            .put, "/reviews/1/reply", as: "sami", ReviewReplyTests.body, fields: [.ifMatch: now])
        #expect(right.status.code == 200)
        #expect(try right.fields[.eTag] == shop.send(ReviewReplyTests.show).fields[.eTag])
    }
}
