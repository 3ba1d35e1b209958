import HTTP
import TestShop
import Testing

@Suite struct ListProductsTests {
    /// The filters and sort orders of the list.
    struct Listed {
        let id: Int64
        let name: String
        let category: String
        let price: Int64
        let stock: Int64
        let age: Int
    }

    /// The pen, the lamp and 28 more with ties in every column, created two at a time.
    static func stock(_ shop: TestShop) throws -> [Listed] {
        var products = [
            Listed(id: 1, name: "pen", category: "paper", price: 250, stock: 10, age: 0),
            Listed(id: 2, name: "lamp", category: "light", price: 4000, stock: 3, age: 0),
        ]
        for number in 0..<28 {
            let product = Listed(
                id: Int64(number + 3), name: ["ink", "Ink", "élan", "pen", "z"][number % 5],
                category: ["paper", "light", "ink-2"][number % 3],
                price: [0, 250, 251, 100_000_000_000][number % 4],
                stock: [0, 1, 5][(number / 2) % 3], age: number / 2 + 1)
            if number % 2 == 0 { shop.clock.pass(seconds: 1) }
            let made = try shop.send(
                .post, "/inventory", as: "sami",
                """
                {"name":"\(product.name)","category":"\(product.category)",
                "price":\(product.price),"stock":\(product.stock)}
                """)
            #expect(try made.json["id"] == .integer(product.id))
            products.append(product)
        }
        return products
    }

    static let filters: [(query: String, keeps: @Sendable (Listed) -> Bool)] = [
        ("", { _ in true }),
        ("category=paper", { $0.category == "paper" }),
        ("category=ink-2", { $0.category == "ink-2" }),
        ("category=nothing", { _ in false }),
        ("min_price=251", { $0.price >= 251 }),
        ("max_price=250", { $0.price <= 250 }),
        ("min_price=250&max_price=250", { $0.price == 250 }),
        ("min_price=0&max_price=100000000000", { _ in true }),
        ("in_stock=true", { $0.stock > 0 }),
        ("in_stock=false", { $0.stock == 0 }),
        ("category=light&in_stock=true", { $0.category == "light" && $0.stock > 0 }),
        (
            "category=paper&min_price=1&max_price=251&in_stock=true",
            { $0.category == "paper" && (1...251).contains($0.price) && $0.stock > 0 }
        ),
    ]

    static let sorts: [(name: String?, isBefore: @Sendable (Listed, Listed) -> Bool)] = [
        (nil, { ($0.age, $0.id) > ($1.age, $1.id) }),
        ("created_at", { ($0.age, $0.id) < ($1.age, $1.id) }),
        ("-created_at", { ($0.age, $0.id) > ($1.age, $1.id) }),
        ("price", { ($0.price, $0.id) < ($1.price, $1.id) }),
        ("-price", { ($0.price, $0.id) > ($1.price, $1.id) }),
        ("name", { (place($0), $0.id) < (place($1), $1.id) }),
        ("-name", { (place($0), $0.id) > (place($1), $1.id) }),
    ]

    /// Case and accents decide only between names that are otherwise equal.
    static func place(_ product: Listed) -> Int {
        ["élan", "Ink", "ink", "lamp", "pen", "z"].firstIndex(of: product.name) ?? -1
    }

    @Test func pagesEveryFilterInEverySort() throws {
        let shop = try TestShop()
        let products = try ListProductsTests.stock(shop)
        for filter in ListProductsTests.filters {
            let kept = products.filter(filter.keeps)
            for sort in ListProductsTests.sorts {
                let query = [filter.query, sort.name.map { "sort=\($0)" } ?? ""]
                    .filter { !$0.isEmpty }.joined(separator: "&")
                let target = query.isEmpty ? "/inventory" : "/inventory?\(query)"
                #expect(
                    try shop.ids(target) == kept.sorted(by: sort.isBefore).map(\.id), "\(target)")
            }
        }
    }

    @Test func leavesOutWhatIsArchived() throws {
        let shop = try TestShop()
        #expect(try shop.send(.delete, "/inventory/1", as: "sami").status.code == 204)
        #expect(try shop.ids("/inventory") == [2])
        #expect(try shop.ids("/inventory?sort=name", as: "sami") == [2])
    }

    @Test func hasTwentyOnAPageByDefault() throws {
        let shop = try TestShop()
        _ = try ListProductsTests.stock(shop)
        #expect(try shop.send(.get, "/inventory").json["data"]?.elements.count == 20)
        #expect(try shop.send(.get, "/inventory?limit=100").json["data"]?.elements.count == 30)
    }

    /// A deletion and an insertion between two pages neither hide nor repeat another row.
    @Test func continuesWhileProductsChange() throws {
        let shop = try TestShop()
        _ = try ListProductsTests.stock(shop)
        let first = try shop.send(.get, "/inventory?sort=created_at&limit=5").json
        #expect(first["data"]?.elements.compactMap { $0["id"]?.integer } == [1, 2, 3, 4, 5])
        _ = try shop.send(.delete, "/inventory/5", as: "sami")
        _ = try shop.send(.delete, "/inventory/6", as: "sami")
        let next = first["next"]?.text ?? ""
        let second = try shop.send(.get, "/inventory?sort=created_at&limit=3&after=\(next)").json
        #expect(second["data"]?.elements.compactMap { $0["id"]?.integer } == [7, 8, 9])
    }

    /// The last letter in sort order, twice: no name may sort after the start of -name.
    @Test func showsTheNameThatSortsLast() throws {
        let shop = try TestShop()
        let body = #"{"name":"\#u{3134A}\#u{3134A}","category":"paper","price":1}"#
        #expect(try shop.send(.post, "/inventory", as: "sami", body).status.code == 201)
        #expect(try shop.ids("/inventory?sort=-name") == [3, 1, 2])
        #expect(try shop.ids("/inventory?sort=name") == [2, 1, 3])
    }

    static let faults: [(query: String, fields: [String])] = [
        ("min_price=251&max_price=250", ["min_price"]),
        ("min_price=-1", ["min_price"]),
        ("max_price=100000000001", ["max_price"]),
        ("min_price=1.5", ["min_price"]),
        ("min_price=", ["min_price"]),
        ("min_price=+1", ["min_price"]),
        ("min_price=01", ["min_price"]),
        ("min_price=99999999999999999999", ["min_price"]),
        ("category=Paper", ["category"]),
        ("category=", ["category"]),
        ("in_stock=1", ["in_stock"]),
        ("in_stock=", ["in_stock"]),
        ("sort=stock", ["sort"]),
        ("sort=--price", ["sort"]),
        ("sort=", ["sort"]),
        ("limit=0", ["limit"]),
        ("limit=101", ["limit"]),
        ("limit=-1", ["limit"]),
        ("limit=ten", ["limit"]),
        ("after=", ["after"]),
        ("after=!!", ["after"]),
        ("after=bm8", ["after"]),
        ("colour=red", ["colour"]),
        ("dry_run=true", ["dry_run"]),
        ("price=1&price=2", ["price"]),
        ("limit=5&limit=5", ["limit"]),
        (
            "category=X&min_price=x&max_price=y&in_stock=z&sort=s&limit=l&after=a&q2=1",
            ["category", "min_price", "max_price", "in_stock", "sort", "limit", "after", "q2"]
        ),
    ]

    @Test func listsEveryFaultOfTheQuery() throws {
        let shop = try TestShop()
        for row in ListProductsTests.faults {
            let response = try shop.send(.get, "/inventory?\(row.query)")
            #expect(response.status.code == 422, "\(row.query)")
            #expect(try response.json["code"] == "invalid_request", "\(row.query)")
            #expect(try Set(response.faults) == Set(row.fields), "\(row.query): \(response.text)")
        }
    }

    @Test func rejectsACursorOfAnotherOrder() throws {
        let shop = try TestShop()
        let sorts = ["created_at", "-created_at", "price", "-price", "name", "-name"]
        for sort in sorts {
            let next = try shop.send(.get, "/inventory?limit=1&sort=\(sort)").json["next"]?.text
            for other in sorts {
                let target = "/inventory?limit=1&sort=\(other)&after=\(next ?? "")"
                let response = try shop.send(.get, target)
                #expect(response.status.code == (sort == other ? 200 : 422), "\(sort) \(other)")
                if sort != other { #expect(try response.faults == ["after"]) }
            }
        }
    }

    static let rows = [
        Scenario(
            "an anonymous caller", .init(.get, "/inventory"), gives: 200,
            shows:
                #"{"data":[{"id":2,"name":"lamp","stock":3},{"id":1,"name":"pen","stock":10}],"next":null}"#
        ),
        Scenario(
            "a customer", .init(.get, "/inventory", as: "ada"), gives: 200,
            shows: #"{"data":[{},{}]}"#),
        Scenario(
            "a bad token is refused on public pages as well",
            .init(.get, "/inventory", fields: [.authorization: "Bearer x"]), gives: 401,
            code: "token_invalid"),
        Scenario("HEAD has no body", .init(.head, "/inventory"), gives: 200),
        Scenario(
            "another method", .init(.put, "/inventory", as: "sami", "{}"), gives: 405,
            code: "method_not_allowed", fields: ["Allow": "GET, HEAD, POST"]),
        Scenario(
            "an unknown product", .init(.get, "/inventory/99"), gives: 404,
            code: "product_not_found"),
        Scenario("an invalid id", .init(.get, "/inventory/01"), gives: 404, code: "not_found"),
        Scenario(
            "one product with its rating", .init(.get, "/inventory/1"), gives: 200,
            shows:
                #"{"id":1,"name":"pen","price":250,"currency":"USD","rating":{"average":null,"count":0}}"#
        ),
        Scenario(
            "one product takes no parameters", .init(.get, "/inventory/1?fields=id"), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"fields"}]}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func returns304ForAMatchingETag() throws {
        let shop = try TestShop()
        for target in ["/inventory", "/inventory/1"] {
            let tag = try shop.send(.get, target).fields[.eTag] ?? ""
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.utf8.count > 10)
            let same = try shop.send(.get, target, fields: [.ifNoneMatch: tag])
            #expect(same.status.code == 304 && same.body.isEmpty)
            let body = #"{"delta":1,"reason":"more"}"#
            _ = try shop.send(.post, "/inventory/1/stock", as: "sami", body)
            let changed = try shop.send(.get, target, fields: [.ifNoneMatch: tag])
            #expect(changed.status.code == 200 && changed.fields[.eTag] != tag)
        }
    }
}
