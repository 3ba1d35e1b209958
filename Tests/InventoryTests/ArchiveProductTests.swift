import TestShop
import Testing

@Suite struct ArchiveProductTests {
    static let gone = Scenario.Step(.delete, "/inventory/1", as: "sami")

    static let rows =
        [
            Scenario("staff may", .init(.delete, "/inventory/1", as: "sami"), gives: 204),
            Scenario("an admin may", .init(.delete, "/inventory/1", as: "adil"), gives: 204),
            Scenario(
                "an unknown product", .init(.delete, "/inventory/3", as: "sami"), gives: 404,
                code: "product_not_found"),
            Scenario(
                "an archived product", after: [gone], .init(.delete, "/inventory/1", as: "sami"),
                gives: 404, code: "product_not_found"),
            Scenario(
                "another version",
                .init(.delete, "/inventory/1", as: "sami", fields: [.ifMatch: #""0123""#]),
                gives: 412, code: "precondition_failed"),
            Scenario(
                "any version", .init(.delete, "/inventory/1", as: "sami", fields: [.ifMatch: "*"]),
                gives: 204),
            Scenario(
                "a dry run", .init(.delete, "/inventory/1?dry_run=true", as: "sami"), gives: 204,
                fields: ["Dry-Run": "true"]),
            Scenario(
                "customers do not see it", after: [gone], .init(.get, "/inventory/1", as: "ada"),
                gives: 404, code: "product_not_found"),
            Scenario(
                "moderators do not see it", after: [gone], .init(.get, "/inventory/1", as: "mona"),
                gives: 404, code: "product_not_found"),
            Scenario(
                "staff see it", after: [gone], .init(.get, "/inventory/1", as: "sami"), gives: 200,
                shows: #"{"id":1,"archived_at":"2026-11-18T11:06:40.000Z"}"#),
            Scenario(
                "one on sale is not archived", .init(.get, "/inventory/1"), gives: 200,
                shows: #"{"id":1,"archived_at":null}"#),
            Scenario(
                "it is in no list", after: [gone], .init(.get, "/inventory?category=paper"),
                gives: 200, shows: #"{"data":[],"next":null}"#),
            Scenario(
                "it is not for sale", after: [gone],
                .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#),
                gives: 404, code: "product_not_found"),
            Scenario(
                "it rejects stock movements", after: [gone],
                .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":1,"reason":"more"}"#),
                gives: 409, code: "product_archived"),
            Scenario(
                "its ledger can still be read", after: [gone],
                .init(.get, "/inventory/1/movements", as: "sami"), gives: 200,
                shows: #"{"data":[{"delta":10,"kind":"received"}]}"#),
            Scenario(
                "it cannot be added to a wishlist", after: [gone],
                .init(.put, "/wishlist/1", as: "ada"), gives: 404, code: "product_not_found"),
            Scenario(
                "it rejects reviews", after: [gone],
                .init(.post, "/reviews", as: "ada", #"{"product_id":1,"rating":5}"#), gives: 404,
                code: "product_not_found"),
            Scenario(
                "its reviews stay",
                after: [
                    .init(.post, "/reviews", as: "ada", #"{"product_id":1,"rating":5}"#),
                    .init(.post, "/reviews/1/approve", as: "mona"), gone,
                ],
                .init(.get, "/reviews?product_id=1"), gives: 200, shows: #"{"data":[{"id":1}]}"#),
            Scenario(
                "its orders stay",
                after: [
                    .init(
                        .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":2}]}"#),
                    gone,
                ],
                .init(.get, "/sales/1", as: "ada"), gives: 200,
                shows: #"{"items":[{"product_id":1,"name":"pen","quantity":2}]}"#),
        ] + .closed(to: "ada", "mona", by: .delete, "/inventory/1")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func archivesOnlyTheMatchingVersion() throws {
        let shop = try TestShop()
        let tag = try shop.send(.get, "/inventory/1", as: "sami").fields[.eTag] ?? ""
        _ = try shop.send(
            .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#)
        let late = try shop.send(.delete, "/inventory/1", as: "sami", fields: [.ifMatch: tag])
        #expect(late.status.code == 412)
        let now = try shop.send(.get, "/inventory/1", as: "sami").fields[.eTag] ?? ""
        let right = try shop.send(.delete, "/inventory/1", as: "sami", fields: [.ifMatch: now])
        #expect(right.status.code == 204 && right.body.isEmpty)
    }
}
