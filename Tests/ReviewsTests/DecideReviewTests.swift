import HTTP
import Storage
import TestShop
import Testing

@Suite struct DecideReviewTests {
    static let written = CreateReviewTests.write("ada", 4)
    static let approve = Scenario.Step(.post, "/reviews/1/approve", as: "mona")
    static let reject = Scenario.Step(
        .post, "/reviews/1/reject", as: "mona", #"{"reason":"spam"}"#)

    static let rows =
        [
            Scenario(
                "approves a pending one", after: [written], approve, gives: 200,
                shows: #"{"id":1,"status":"approved","rejection":null}"#),
            Scenario(
                "approves one twice", after: [written, approve], approve, gives: 200,
                shows: #"{"status":"approved"}"#),
            Scenario(
                "rejects a pending one", after: [written], reject, gives: 200,
                shows: #"{"id":1,"status":"rejected","rejection":"spam"}"#),
            Scenario(
                "rejects an approved one", after: [written, approve], reject, gives: 200,
                shows: #"{"status":"rejected","rejection":"spam"}"#),
            Scenario(
                "rejects one twice, for another reason",
                after: [
                    written, .init(.post, "/reviews/1/reject", as: "mona", #"{"reason":"rude"}"#),
                ],
                reject, gives: 200, shows: #"{"status":"rejected","rejection":"spam"}"#),
            Scenario(
                "approves a rejected one", after: [written, reject], approve, gives: 200,
                shows: #"{"status":"approved","rejection":null}"#),
            Scenario(
                "staff may approve", after: [written],
                .init(.post, "/reviews/1/approve", as: "sami"), gives: 200,
                shows: #"{"status":"approved"}"#),
            Scenario(
                "an admin may reject", after: [written],
                .init(.post, "/reviews/1/reject", as: "adil", #"{"reason":"spam"}"#), gives: 200,
                shows: #"{"status":"rejected"}"#),
            Scenario(
                "rejects approving an unknown review", approve, gives: 404, code: "review_not_found"
            ),
            Scenario(
                "rejects rejecting an unknown review", reject, gives: 404, code: "review_not_found"),
            Scenario(
                "requires a reason for a rejection", after: [written],
                .init(.post, "/reviews/1/reject", as: "mona", "{}"), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"reason"}]}"#),
            Scenario(
                "rejects without a body", after: [written],
                .init(.post, "/reviews/1/reject", as: "mona"), gives: 415,
                code: "unsupported_media_type"),
            Scenario(
                "every fault at once", after: [written],
                .init(
                    .post, "/reviews/1/reject", as: "mona", #"{"reason":"","status":"rejected"}"#),
                gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"reason"},{"field":"status"}]}"#),
            Scenario(
                "approves in a dry run", after: [written],
                .init(.post, "/reviews/1/approve?dry_run=true", as: "mona"), gives: 200,
                shows: #"{"status":"approved"}"#, fields: ["Dry-Run": "true"]),
            Scenario(
                "a dry run changes nothing",
                after: [written, .init(.post, "/reviews/1/approve?dry_run=true", as: "mona")],
                .init(.get, "/inventory/1"), gives: 200,
                shows: #"{"rating":{"average":null,"count":0}}"#),
            Scenario(
                "approves by POST only", after: [written],
                .init(.get, "/reviews/1/approve", as: "mona"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "POST"]),
        ] + .closed(to: "ada", by: .post, "/reviews/1/approve")
        + .closed(to: "ada", "ben", by: .post, "/reviews/1/reject", #"{"reason":"spam"}"#)

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func holdsTheBoundsOfTheReason() throws {
        let shop = try TestShop()
        _ = try shop.send(DecideReviewTests.written)
        let bounds =
            Bound.inside("reason", Bound.text(1), Bound.text(500))
            + Bound.outside("reason", #""""#, Bound.text(501), #""\n""#, "null", "1")
        for bound in bounds {
            let body = #"{"reason":\#(bound.value)}"#
            let target = "/reviews/1/reject?dry_run=true"
            try bound.check(shop.send(.post, target, as: "mona", body))
        }
    }

    /// Every transition between two statuses, with the product's rating compared each time.
    @Test func keepsTheRatingConsistent() throws {
        let shop = try TestShop()
        let ratings: [Int64] = [1, 2, 4, 5, 5, 3]
        try shop.addCustomers(ratings.indices.map { "buyer\($0)" })
        for (index, rating) in ratings.enumerated() {
            _ = try shop.send(CreateReviewTests.write("buyer\(index)", Int(rating)))
        }
        var approved: Set<Int> = []
        let verdicts: [(review: Int, verdict: String)] = [
            (1, "approve"), (2, "approve"), (1, "approve"), (3, "reject"), (3, "approve"),
            (4, "approve"),
            (2, "reject"), (2, "reject"), (5, "approve"), (6, "reject"), (2, "approve"),
            (1, "reject"),
            (3, "reject"), (4, "reject"), (5, "reject"), (2, "reject"), (6, "approve"),
        ]
        for (review, verdict) in verdicts {
            shop.clock.pass(seconds: 1)
            let response = try shop.send(
                .post, "/reviews/\(review)/\(verdict)", as: "mona",
                verdict == "reject" ? #"{"reason":"spam"}"# : nil)
            #expect(response.status.code == 200)
            if verdict == "approve" { approved.insert(review) } else { approved.remove(review) }
            let stars = approved.map { ratings[$0 - 1] }
            let sum: Int64 = try shop.value(
                "SELECT rating_sum AS value FROM products WHERE id = 1")
            let shown = try shop.send(.get, "/inventory/1").json["rating"]
            #expect(sum == stars.reduce(0, +))
            #expect(shown?["count"] == .integer(Int64(stars.count)))
            if stars.isEmpty { #expect(shown?["average"] == .null) }
            #expect(try shop.breaches() == [], "\(verdict) \(review)")
        }
        let average = try shop.send(.get, "/inventory/1").text
        #expect(average.contains(#""rating":{"average":3.00,"count":1}"#), "\(average)")
    }

    /// Two decimals, rounded half up.
    @Test func showsTheAverageInHundredths() throws {
        let shop = try TestShop()
        let rows: [(ratings: [Int], average: String)] = [
            ([4], "4.00"), ([4, 5], "4.50"), ([4, 5, 5], "4.67"), ([1, 1, 2], "1.33"),
            ([1, 1, 1, 1, 1, 1, 1, 2], "1.13"),
        ]
        for (index, row) in rows.enumerated() {
            let body = #"{"name":"p","category":"paper","price":1}"#
            let product = try shop.send(.post, "/inventory", as: "sami", body).json["id"]?.integer
            let names = row.ratings.indices.map { "b\(index)-\($0)" }
            try shop.addCustomers(names)
            for (name, rating) in zip(names, row.ratings) {
                let review = try shop.send(
                    CreateReviewTests.write(name, rating, product: Int(product ?? 0)))
                let id = try review.json["id"]?.integer ?? 0
                _ = try shop.send(.post, "/reviews/\(id)/approve", as: "mona")
            }
            let shown = try shop.send(.get, "/inventory/\(product ?? 0)").text
            #expect(shown.contains("\"average\":\(row.average),"), "\(shown)")
        }
    }

    /// Concurrent moderators: the second finds the decision of the first and adjusts the rating
    /// from there.
    @Test func keepsTheRatingConsistentUnderSixteenThreads() throws {
        let shop = try TestShop()
        let names = (0..<8).map { "buyer\($0)" }
        try shop.addCustomers(names)
        for (index, name) in names.enumerated() {
            _ = try shop.send(CreateReviewTests.write(name, index % 5 + 1))
        }
        _ = try shop.token(of: "mona")
        onThreads(16) { thread in
            for turn in 0..<10 {
                let review = (thread * 3 + turn) % 8 + 1
                let verdict = (thread + turn) % 2 == 0 ? "approve" : "reject"
                let response = try? shop.send(
                    .post, "/reviews/\(review)/\(verdict)", as: "mona",
                    verdict == "reject" ? #"{"reason":"spam"}"# : nil)
                #expect(response?.status.code == 200)
            }
        }
        #expect(try shop.breaches() == [])
    }
}
