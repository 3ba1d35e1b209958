import HTTP
import Storage
import TestShop
import Testing

@Suite struct DeleteReviewTests {
    static let written = CreateReviewTests.write("ada", 4)
    static let approved = GetReviewTests.approved
    static let rejected = GetReviewTests.rejected

    static func delete(as account: String = "ada", query: String = "") -> Scenario.Step {
        .init(.delete, "/reviews/1\(query)", as: account)
    }

    static let rows =
        [
            Scenario("a pending one, by its author", after: [written], delete(), gives: 204),
            Scenario(
                "an approved one, by its author", after: [written, approved], delete(), gives: 204),
            Scenario(
                "a rejected one, by its author", after: [written, rejected], delete(), gives: 204),
            Scenario("by a moderator", after: [written], delete(as: "mona"), gives: 204),
            Scenario("by staff", after: [written, approved], delete(as: "sami"), gives: 204),
            Scenario("by an admin", after: [written, rejected], delete(as: "adil"), gives: 204),
            Scenario(
                "another's that is pending", after: [written], delete(as: "ben"), gives: 404,
                code: "review_not_found"),
            Scenario(
                "another's that is rejected", after: [written, rejected], delete(as: "ben"),
                gives: 404, code: "review_not_found"),
            Scenario(
                "another's that is approved", after: [written, approved], delete(as: "ben"),
                gives: 403, code: "forbidden"),
            Scenario("an unknown review", delete(as: "mona"), gives: 404, code: "review_not_found"),
            Scenario(
                "a second time", after: [written, delete()], delete(), gives: 404,
                code: "review_not_found"),
            Scenario(
                "a deleted review is not found", after: [written, approved, delete()],
                .init(.get, "/reviews/1", as: "mona"), gives: 404, code: "review_not_found"),
            Scenario(
                "a deleted review no longer counts", after: [written, approved, delete()],
                .init(.get, "/reviews/summary?product_id=1"), gives: 200,
                shows: #"{"average":null,"count":0,"histogram":{"4":0}}"#),
            Scenario(
                "other reviews still count",
                after: [
                    written, CreateReviewTests.write("ben", 2), approved,
                    .init(.post, "/reviews/2/approve", as: "mona"), delete(as: "mona"),
                ],
                .init(.get, "/inventory/1"), gives: 200, shows: #"{"rating":{"count":1}}"#),
            Scenario(
                "its author may write another", after: [written, approved, delete()],
                CreateReviewTests.write("ada", 1), gives: 201,
                shows: #"{"rating":1,"status":"pending"}"#),
            Scenario(
                "of an archived product",
                after: [written, approved, .init(.delete, "/inventory/1", as: "sami")], delete(),
                gives: 204),
            Scenario(
                "with votes, flags and a reply",
                after: [
                    written, approved, .init(.put, "/reviews/1/vote", as: "ben"),
                    .init(.post, "/reviews/1/flag", as: "ben", #"{"reason":"rude"}"#),
                    .init(.put, "/reviews/1/reply", as: "sami", #"{"text":"hm"}"#),
                ],
                delete(), gives: 204),
            Scenario(
                "in a dry run", after: [written], delete(query: "?dry_run=true"), gives: 204,
                fields: ["Dry-Run": "true"]),
            Scenario(
                "after a dry run", after: [written, delete(query: "?dry_run=true")],
                .init(.get, "/reviews/1", as: "ada"), gives: 200),
            Scenario(
                "any version", after: [written],
                .init(.delete, "/reviews/1", as: "ada", fields: [.ifMatch: "*"]), gives: 204),
            Scenario(
                "another version", after: [written],
                .init(.delete, "/reviews/1", as: "ada", fields: [.ifMatch: #""0123""#]), gives: 412,
                code: "precondition_failed"),
            Scenario(
                "another version, by a moderator", after: [written],
                .init(.delete, "/reviews/1", as: "mona", fields: [.ifMatch: #""0123""#]),
                gives: 412, code: "precondition_failed"),
        ] + .closed(by: .delete, "/reviews/1")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func deletesOnlyTheMatchingVersion() throws {
        let shop = try TestShop()
        _ = try shop.send(DeleteReviewTests.written)
        let tag = try shop.send(.get, "/reviews/1", as: "mona").fields[.eTag] ?? ""
        _ = try shop.send(UpdateReviewTests.revise(#"{"rating":2}"#))
        let late = try shop.send(.delete, "/reviews/1", as: "mona", fields: [.ifMatch: tag])
        #expect(late.status.code == 412)
        let now = try shop.send(.get, "/reviews/1", as: "mona").fields[.eTag] ?? ""
        let right = try shop.send(.delete, "/reviews/1", as: "mona", fields: [.ifMatch: now])
        #expect(right.status.code == 204)
    }

    @Test func leavesOnlyAnAuditRow() throws {
        let shop = try TestShop()
        _ = try shop.send(DeleteReviewTests.written)
        _ = try shop.send(DeleteReviewTests.approved)
        _ = try shop.send(.put, "/reviews/1/vote", as: "ben")
        _ = try shop.send(.post, "/reviews/1/flag", as: "ben", #"{"reason":"rude"}"#)
        #expect(try shop.send(DeleteReviewTests.delete(as: "mona")).status.code == 204)
        for table in ["reviews", "review_votes", "review_flags"] {
            #expect(try shop.contents()[table] == [], "\(table)")
        }
        let audit = try shop.send(.get, "/customers/audit", as: "adil").json["data"]?[0]
        #expect(audit?["action"] == "deleted_review" && audit?["actor"] == "mona")
        #expect(try shop.breaches() == [])
    }

    /// A late decision must not apply to another review.
    @Test func neverReusesAnId() throws {
        let shop = try TestShop()
        _ = try shop.send(DeleteReviewTests.written)
        _ = try shop.send(DeleteReviewTests.delete())
        let next = try shop.send(CreateReviewTests.write("ben", 1)).json["id"]?.integer ?? 0
        #expect(next > 1)
        #expect(try shop.send(DeleteReviewTests.approved).status.code == 404)
    }

    @Test func deletesOnceFromSixteenThreads() throws {
        let shop = try TestShop()
        for account in ["ada", "mona"] { _ = try shop.token(of: account) }
        _ = try shop.send(DeleteReviewTests.written)
        _ = try shop.send(DeleteReviewTests.approved)
        let codes = atOnce(16) { number in
            (try? shop.send(DeleteReviewTests.delete(as: number % 2 == 0 ? "ada" : "mona")))?
                .status.code
        }
        #expect(codes.filter { $0 == 204 }.count == 1)
        #expect(codes.filter { $0 == 404 }.count == 15)
        #expect(try shop.breaches() == [])
    }
}
