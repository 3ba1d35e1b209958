import HTTP
import Synchronization
import TestShop
import Testing

@Suite struct CreateReviewTests {
    /// Five stars for the pen.
    static func write(_ account: String, _ rating: Int = 5, product: Int = 1) -> Scenario.Step {
        .init(.post, "/reviews", as: account, #"{"product_id":\#(product),"rating":\#(rating)}"#)
    }

    static let buy = Scenario.Step(
        .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#)

    static let rows =
        [
            Scenario(
                "all fields",
                .init(
                    .post, "/reviews", as: "ada",
                    #"{"product_id":1,"rating":4,"title":"Fine","comment":"It writes.\nMostly."}"#),
                gives: 201,
                shows:
                    #"""
                    {"id":1,"product_id":1,"username":"ada","rating":4,"title":"Fine",\#
                    "comment":"It writes.\nMostly.","status":"pending","rejection":null,\#
                    "verified_purchase":false,"created_at":"2026-11-18T11:06:40.000Z",\#
                    "updated_at":"2026-11-18T11:06:40.000Z"}
                    """#,
                fields: ["Location": "/reviews/1"]),
            Scenario(
                "required fields only", write("ada", 1), gives: 201,
                shows: #"{"rating":1,"title":null,"comment":null,"status":"pending"}"#),
            Scenario(
                "by a buyer of the product", after: [buy], write("ada"), gives: 201,
                shows: #"{"verified_purchase":true}"#),
            Scenario(
                "by a buyer of another product", after: [buy], write("ada", product: 2), gives: 201,
                shows: #"{"product_id":2,"verified_purchase":false}"#),
            Scenario(
                "by a customer whose purchase is another's", after: [buy], write("ben"), gives: 201,
                shows: #"{"verified_purchase":false}"#),
            Scenario(
                "by a moderator, which is pending too", write("mona"), gives: 201,
                shows: #"{"status":"pending"}"#),
            Scenario(
                "of another product", after: [write("ada")], write("ada", product: 2), gives: 201,
                shows: #"{"id":2,"product_id":2}"#),
            Scenario(
                "by another customer", after: [write("ada")], write("ben"), gives: 201,
                shows: #"{"username":"ben"}"#),
            Scenario(
                "a second one", after: [write("ada")], write("ada", 1), gives: 409,
                code: "already_reviewed"),
            Scenario(
                "a second one after the first was rejected",
                after: [
                    write("ada"),
                    .init(.post, "/reviews/1/reject", as: "mona", #"{"reason":"spam"}"#),
                ],
                write("ada", 1), gives: 409, code: "already_reviewed"),
            Scenario(
                "of an unknown product", write("ada", product: 3), gives: 404,
                code: "product_not_found"),
            Scenario(
                "of an archived product", after: [.init(.delete, "/inventory/1", as: "sami")],
                write("ada"), gives: 404, code: "product_not_found"),
            Scenario(
                "every fault at once",
                .init(
                    .post, "/reviews", as: "ada",
                    #"""
                    {"product_id":"1","rating":6,"title":"","comment":7,\#
                    "status":"approved","verified_purchase":true}
                    """#
                ), gives: 422, code: "invalid_request",
                shows:
                    #"""
                    {"errors":[{"field":"product_id"},{"field":"rating"},\#
                    {"field":"title"},{"field":"comment"},{"field":"status"},\#
                    {"field":"verified_purchase"}]}
                    """#
            ),
            Scenario(
                "nothing", .init(.post, "/reviews", as: "ada", "{}"), gives: 422,
                code: "invalid_request",
                shows: #"{"errors":[{"field":"product_id"},{"field":"rating"}]}"#),
            Scenario(
                "no JSON", .init(.post, "/reviews", as: "ada", "five stars"), gives: 400,
                code: "invalid_json"),
            Scenario(
                "no media type",
                .init(.post, "/reviews", as: "ada", "{}", fields: [.contentType: "text/plain"]),
                gives: 415, code: "unsupported_media_type"),
            Scenario(
                "a dry run",
                .init(.post, "/reviews?dry_run=true", as: "ada", #"{"product_id":1,"rating":5}"#),
                gives: 201, shows: #"{"rating":5}"#, fields: ["Dry-Run": "true"]),
            Scenario(
                "after a dry run",
                after: [
                    .init(
                        .post, "/reviews?dry_run=true", as: "ada", #"{"product_id":1,"rating":5}"#)
                ], write("ada"), gives: 201),
        ] + .closed(by: .post, "/reviews", #"{"product_id":1,"rating":5}"#)

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    static let bounds =
        Bound.inside("product_id", "1", "2")
        + Bound.outside("product_id", "0", "-1", "1.5", #""1""#, "null", "9223372036854775808")
        + Bound.inside("rating", "1", "2", "3", "4", "5")
        + Bound.outside("rating", "0", "6", "-1", "4.5", #""5""#, "null")
        + Bound.inside("title", Bound.text(1), Bound.text(120), "null")
        + Bound.outside("title", #""""#, Bound.text(121), #"" ""#, #""a\nb""#, "1")
        + Bound.inside("comment", Bound.text(1), Bound.text(5000), #""a\r\n\tb""#, "null")
        + Bound.outside("comment", Bound.text(5001), #""\u0000""#, "[]")

    @Test func holdsTheBoundsOfEachField() throws {
        let shop = try TestShop()
        for bound in CreateReviewTests.bounds {
            var body = ["product_id": "1", "rating": "5"]
            body[bound.field] = bound.value
            let text = "{\(body.map { "\"\($0)\":\($1)" }.joined(separator: ","))}"
            let response = try shop.send(.post, "/reviews?dry_run=true", as: "ada", text)
            try bound.check(response)
            if response.status.kind == .successful {
                let sent = try JSON(parsing: Array(bound.value.utf8))
                #expect(try response.json[bound.field] == sent)
            }
        }
    }

    @Test func writesOneForOneKey() throws {
        let shop = try TestShop()
        let body = #"{"product_id":1,"rating":5}"#
        let first = try shop.send(.post, "/reviews", as: "ada", body, fields: .key("k"))
        let second = try shop.send(.post, "/reviews", as: "ada", body, fields: .key("k"))
        #expect(first.status.code == 201)
        #expect(second.status.code == 201 && second.body == first.body)
        let third = try shop.send(.post, "/reviews", as: "ada", body, fields: .key("l"))
        #expect(try third.json["code"] == "already_reviewed")
    }

    @Test func writesOneFromSixteenThreads() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "ada")
        let codes = Mutex<[Int]>([])
        onThreads(16) { number in
            let code = try? shop.send(CreateReviewTests.write("ada", number % 5 + 1)).status.code
            codes.withLock { $0.append(code ?? 0) }
        }
        let sorted = codes.withLock { $0.sorted() }
        #expect(sorted == [201] + Array(repeating: 409, count: 15))
        #expect(try shop.value("SELECT COUNT(*) AS value FROM reviews") as Int64 == 1)
        #expect(try shop.breaches() == [])
    }
}
