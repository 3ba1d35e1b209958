import HTTP
import HTTPTypes
import TestShop
import Testing

/// `?dry_run=true` returns the result of a request and changes nothing.
@Suite struct DryRunTests {
    private static let name = HTTPField.Name("Dry-Run")

    /// Deleting a vote that does not exist changes nothing.
    ///
    /// Each new secret is another one.
    @Test(
        arguments: RouteCase.all.filter {
            !$0.isSafe && $0.succeeds && $0.testDescription != "DELETE /reviews/:id/vote"
        })
    func changesNothingAndAnswersTheSame(row: RouteCase) throws {
        let shop = try TestShop.furnished()
        let name = try #require(DryRunTests.name)
        // Create all tokens before comparing the contents.
        _ = try shop.token(of: "adil")
        let body = try row.content(in: shop)
        let before = try shop.dump()
        let dry = try row.send(body, in: shop, as: "adil", query: "dry_run=true")
        #expect(dry.status.kind == .successful, "\(dry.text)")
        #expect(dry.fields[name] == "true")
        #expect(try shop.dump() == before)
        let again = try row.send(body, in: shop, as: "adil", query: "dry_run=true")
        #expect(again.status == dry.status)
        #expect(try shop.dump() == before)
        let wet = try row.send(body, in: shop, as: "adil", query: "dry_run=false")
        #expect(wet.fields[name] == nil)
        #expect(try shop.dump() != before)
        #expect(wet.status == dry.status)
        var fields = dry.fields
        fields[name] = nil
        // A new resource has another id, because an engine may use up an id for a dry run.
        #expect(wet.fields.withoutID == fields.withoutID)
        #expect(wet.text.withoutID == dry.text.withoutID)
        #expect(try shop.breaches() == [])
    }

    static let refusals = [
        Scenario(
            "from a check", .init(.post, "/customers?dry_run=true", "{}"),
            gives: 422, code: "invalid_request", fields: ["Dry-Run": "true"]),
        Scenario(
            "from a constraint",
            .init(
                .post, "/customers?dry_run=true",
                #"{"username":"ada","password":"correct horse","full_name":"A"}"#),
            gives: 409, code: "username_taken", fields: ["Dry-Run": "true"]),
        Scenario(
            "from a guarded update",
            .init(.post, "/customers/ben/wallet/debit?dry_run=true", as: "sami", #"{"amount":1}"#),
            gives: 409, code: "insufficient_funds", fields: ["Dry-Run": "true"]),
        Scenario(
            "in the middle of an order",
            .init(
                .post, "/sales?dry_run=true", as: "ben",
                #"{"items":[{"product_id":1,"quantity":1}]}"#),
            gives: 409, code: "insufficient_funds", fields: ["Dry-Run": "true"]),
        Scenario(
            "from a condition",
            .init(
                .patch, "/inventory/1?dry_run=true", as: "sami", #"{"price":1}"#,
                fields: [.ifMatch: #""x""#]),
            gives: 412, code: "precondition_failed", fields: ["Dry-Run": "true"]),
    ]

    /// An error is a response like any other, and changes nothing.
    @Test(arguments: refusals) func refusesTheSame(row: Scenario) throws {
        let shop = try TestShop()
        _ = try ["ben", "sami"].map(shop.token)
        let before = try shop.dump()
        try row.play(in: shop)
        #expect(try shop.dump() == before)
    }

    @Test func isRejectedForGET() throws {
        let shop = try TestShop()
        let name = try #require(DryRunTests.name)
        #expect(try shop.send(.get, "/inventory").fields[name] == nil)
        #expect(try shop.send(.get, "/inventory?dry_run=true").status == .unprocessableContent)
        #expect(try shop.send(.head, "/inventory/1?dry_run=true").status == .unprocessableContent)
    }
}

extension HTTPFields {
    /// The fields with 0 for the id at the end of `Location`.
    fileprivate var withoutID: HTTPFields {
        var fields = self
        fields[.location] = fields[.location]?.replacing(#/\d+$/#, with: "0")
        return fields
    }
}

extension String {
    /// The JSON of a resource with 0 for its id, for the number of an order, and for a secret.
    ///
    /// A dry run has null for the key of an API key and the secret of a webhook.
    fileprivate var withoutID: String {
        replacing(#/\{"id":\d+/#, with: #"{"id":0"#)
            .replacing(#/"(code|token|secret|key|prefix)":"[^"]+"/#, with: #""secret":"0""#)
            .replacing(#/"(secret|key)":null/#, with: #""secret":"0""#)
            .replacing(#/"test_\d+"/#, with: #""test_0""#)
            .replacing(#/"number":"\d+"/#, with: #""number":"0""#)
            .replacing(#/"ref":"[0-9a-f]{32}"/#, with: #""ref":"0""#)
    }
}
