import HTTP
import TestShop
import Testing

@Suite struct GetReviewTests {
    static let written = CreateReviewTests.write("ada")
    static let approved = Scenario.Step(.post, "/reviews/1/approve", as: "mona")
    static let rejected = Scenario.Step(
        .post, "/reviews/1/reject", as: "mona", #"{"reason":"spam"}"#)

    static let rows = [
        Scenario(
            "a pending one to its author", after: [written], .init(.get, "/reviews/1", as: "ada"),
            gives: 200, shows: #"{"status":"pending","username":"ada"}"#),
        Scenario(
            "a pending one to a moderator", after: [written], .init(.get, "/reviews/1", as: "mona"),
            gives: 200, shows: #"{"status":"pending"}"#),
        Scenario(
            "a pending one to staff", after: [written], .init(.get, "/reviews/1", as: "sami"),
            gives: 200, shows: #"{"status":"pending"}"#),
        Scenario(
            "a pending one to another customer", after: [written],
            .init(.get, "/reviews/1", as: "ben"), gives: 404, code: "review_not_found"),
        Scenario(
            "a pending one to an anonymous caller", after: [written], .init(.get, "/reviews/1"),
            gives: 404, code: "review_not_found"),
        Scenario(
            "an approved one to an anonymous caller", after: [written, approved],
            .init(.get, "/reviews/1"), gives: 200,
            shows: #"{"status":"approved","rating":5,"rejection":null}"#),
        Scenario(
            "an approved one to another customer", after: [written, approved],
            .init(.get, "/reviews/1", as: "ben"), gives: 200, shows: #"{"status":"approved"}"#),
        Scenario(
            "a rejected one to its author, with the reason", after: [written, rejected],
            .init(.get, "/reviews/1", as: "ada"), gives: 200,
            shows: #"{"status":"rejected","rejection":"spam"}"#),
        Scenario(
            "a rejected one to another customer", after: [written, rejected],
            .init(.get, "/reviews/1", as: "ben"), gives: 404, code: "review_not_found"),
        Scenario(
            "one that was approved and then rejected, to an anonymous caller",
            after: [written, approved, rejected], .init(.get, "/reviews/1"), gives: 404,
            code: "review_not_found"),
        Scenario(
            "an unknown review", .init(.get, "/reviews/1", as: "mona"), gives: 404,
            code: "review_not_found"),
        Scenario("an invalid id", .init(.get, "/reviews/x"), gives: 404, code: "not_found"),
        Scenario(
            "a bad token", after: [written, approved],
            .init(.get, "/reviews/1", fields: [.authorization: "Bearer x"]), gives: 401,
            code: "token_invalid"),
        Scenario(
            "another method", after: [written], .init(.put, "/reviews/1", as: "ada", "{}"),
            gives: 405, code: "method_not_allowed"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func revealsNothingToOtherCustomers() throws {
        let shop = try TestShop()
        _ = try shop.send(GetReviewTests.written)
        let hidden = try shop.send(.get, "/reviews/1", as: "ben")
        #expect(try hidden.body == shop.send(.get, "/reviews/2", as: "ben").body)
    }

    @Test func returns304ForAMatchingETag() throws {
        let shop = try TestShop()
        _ = try shop.send(GetReviewTests.written)
        _ = try shop.send(GetReviewTests.approved)
        let tag = try shop.send(.get, "/reviews/1").fields[.eTag] ?? ""
        let same = try shop.send(.get, "/reviews/1", fields: [.ifNoneMatch: tag])
        #expect(same.status.code == 304 && same.body.isEmpty)
    }
}
