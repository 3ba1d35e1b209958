import HTTP
import TestShop
import Testing

@Suite struct ListReviewsTests {
    /// The filters and sort orders of the list.
    struct Listed {
        let id: Int64
        let product: Int64
        let username: String
        let rating: Int64
        let status: String
        let second: Int64
    }

    static let authors = (0..<15).map { "author\($0)" }

    /// Thirty reviews of two products by fifteen authors, two in each second, in every status.
    static func write(in shop: TestShop) throws -> [Listed] {
        try shop.addCustomers(authors)
        return try (1...30).map { number in
            if number % 2 == 1 { shop.clock.pass(seconds: 1) }
            let review = Listed(
                id: Int64(number), product: Int64(number <= 15 ? 1 : 2),
                username: authors[number % 15], rating: Int64(number % 5 + 1),
                status: ["approved", "pending", "approved", "rejected"][number % 4],
                second: Int64((number + 1) / 2))
            let made = try shop.send(
                CreateReviewTests.write(
                    review.username, Int(review.rating), product: Int(review.product)))
            #expect(try made.json["id"] == .integer(review.id), "\(made.text)")
            if review.status == "approved" {
                _ = try shop.send(.post, "/reviews/\(number)/approve", as: "mona")
            } else if review.status == "rejected" {
                let body = #"{"reason":"spam"}"#
                _ = try shop.send(.post, "/reviews/\(number)/reject", as: "mona", body)
            }
            return review
        }
    }

    static let filters: [(query: String, keeps: @Sendable (Listed) -> Bool)] = [
        ("", { _ in true }),
        ("product_id=1", { $0.product == 1 }),
        ("product_id=2&rating=3", { $0.product == 2 && $0.rating == 3 }),
        ("product_id=9", { _ in false }),
        ("username=author4", { $0.username == "author4" }),
        ("username=nobody", { _ in false }),
        ("rating=5", { $0.rating == 5 }),
        ("product_id=1&username=author6", { $0.product == 1 && $0.username == "author6" }),
        ("username=author6&rating=2", { $0.username == "author6" && $0.rating == 2 }),
        (
            "product_id=2&username=author6&rating=2",
            { $0.product == 2 && $0.username == "author6" && $0.rating == 2 }
        ),
    ]

    static let sorts: [(name: String?, isBefore: @Sendable (Listed, Listed) -> Bool)] = [
        (nil, { ($0.second, $0.id) > ($1.second, $1.id) }),
        ("created_at", { ($0.second, $0.id) < ($1.second, $1.id) }),
        ("-created_at", { ($0.second, $0.id) > ($1.second, $1.id) }),
        ("rating", { ($0.rating, $0.id) < ($1.rating, $1.id) }),
        ("-rating", { ($0.rating, $0.id) > ($1.rating, $1.id) }),
    ]

    @Test func pagesEveryFilterInEverySort() throws {
        let shop = try TestShop()
        let reviews = try ListReviewsTests.write(in: shop)
        for status in [nil, "approved", "pending", "rejected"] {
            for filter in ListReviewsTests.filters {
                let kept = reviews.filter { $0.status == status ?? "approved" && filter.keeps($0) }
                for sort in ListReviewsTests.sorts {
                    let query = [
                        filter.query, status.map { "status=\($0)" } ?? "",
                        sort.name.map { "sort=\($0)" } ?? "",
                    ].filter { !$0.isEmpty }.joined(separator: "&")
                    let target = "/reviews\(query.isEmpty ? "" : "?")\(query)"
                    let ids = kept.sorted(by: sort.isBefore).map(\.id)
                    #expect(try shop.ids(target, as: "mona") == ids, "\(target)")
                    guard status == nil || status == "approved" else { continue }
                    #expect(try shop.ids(target) == ids, "\(target) for anybody")
                }
            }
        }
    }

    @Test func showsTheCallersOwnInEveryStatus() throws {
        let shop = try TestShop()
        let reviews = try ListReviewsTests.write(in: shop)
        for author in ListReviewsTests.authors {
            for status in ["pending", "rejected"] {
                let own = reviews.filter { $0.status == status && $0.username == author }
                let ids = own.map(\.id).sorted(by: >)
                #expect(try shop.ids("/reviews?status=\(status)", as: author) == ids)
                let named = "/reviews?status=\(status)&username=\(author)"
                #expect(try shop.ids(named, as: author) == ids)
                // Another caller finds none.
                #expect(try shop.ids(named, as: "ada") == [])
            }
        }
    }

    @Test func rejectsACursorOfAnotherOrder() throws {
        let shop = try TestShop()
        _ = try ListReviewsTests.write(in: shop)
        let sorts = ["created_at", "-created_at", "rating", "-rating"]
        for sort in sorts {
            let next = try shop.send(.get, "/reviews?limit=1&sort=\(sort)").json["next"]?.text
            for other in sorts {
                let target = "/reviews?limit=1&sort=\(other)&after=\(next ?? "")"
                let response = try shop.send(.get, target)
                #expect(response.status.code == (sort == other ? 200 : 422), "\(sort) \(other)")
            }
        }
    }

    static let approved = [CreateReviewTests.write("ada"), GetReviewTests.approved]

    static let rows = [
        Scenario(
            "approved ones to an anonymous caller", after: approved, .init(.get, "/reviews"),
            gives: 200,
            shows:
                #"{"data":[{"id":1,"product_id":1,"username":"ada","rating":5,"status":"approved"}],"next":null}"#
        ),
        Scenario(
            "no pending ones", after: [CreateReviewTests.write("ada")], .init(.get, "/reviews"),
            gives: 200, shows: #"{"data":[]}"#),
        Scenario(
            "no pending ones to their author either, unless asked for",
            after: [CreateReviewTests.write("ada")], .init(.get, "/reviews", as: "ada"), gives: 200,
            shows: #"{"data":[]}"#),
        Scenario(
            "pending ones to an anonymous caller", .init(.get, "/reviews?status=pending"),
            gives: 401, code: "token_missing"),
        Scenario(
            "rejected ones to an anonymous caller", .init(.get, "/reviews?status=rejected"),
            gives: 401, code: "token_missing"),
        Scenario(
            "approved ones by author to an anonymous caller", after: approved,
            .init(.get, "/reviews?status=approved&username=ada"), gives: 200,
            shows: #"{"data":[{"id":1}]}"#),
        Scenario(
            "a bad token", .init(.get, "/reviews", fields: [.authorization: "Bearer x"]),
            gives: 401, code: "token_invalid"),
        Scenario(
            "every fault at once",
            .init(
                .get,
                "/reviews?product_id=0&username=&rating=6&status=open&sort=title&limit=101&after=x&page=2"
            ), gives: 422, code: "invalid_request",
            shows:
                #"""
                {"errors":[{"field":"product_id"},{"field":"username"},\#
                {"field":"rating"},{"field":"status"},{"field":"sort"},\#
                {"field":"limit"},{"field":"after"},{"field":"page"}]}
                """#
        ),
        Scenario(
            "no rating", .init(.get, "/reviews?rating=0"), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"rating"}]}"#),
        Scenario(
            "another method", .init(.patch, "/reviews", as: "ada", "{}"), gives: 405,
            code: "method_not_allowed", fields: ["Allow": "GET, HEAD, POST"]),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }
}
