import HTTP
import HTTPTypes
import TestShop
import Testing

/// Keyset pages are complete and repeat no row, even if rows are added between them.
@Suite struct PageTests {
    /// Follows the `Link` of each page to the end, and checks the id of every row.
    private func walk(
        _ shop: TestShop, _ first: String, key: String = "id",
        between: (Int) throws -> Void = { _ in }
    ) throws -> [Int64] {
        var ids: [Int64] = []
        var target: String? = first
        var pages = 0
        while let page = target, pages < 100 {
            let response = try shop.send(.get, page, as: "adil")
            #expect(response.status == .ok, "\(page): \(response.text)")
            for row in try response.json["data"]?.elements ?? [] {
                guard case .integer(let id)? = row[key] else {
                    throw TestFailure(description: "no \(key): \(response.text)")
                }
                ids.append(id)
            }
            target = try next(of: response)
            pages += 1
            try between(pages)
        }
        return ids
    }

    /// Text in a query cannot end the brackets of the link.
    @Test(arguments: [">", "\"", "<", "|"]) func escapesTheLink(typed: String) throws {
        let shop = try TestShop()
        try stock(shop, 3, category: "escaped")
        let response = try shop.send(.get, "/inventory?q=ink\(typed)&limit=1&sort=name")
        let name = try #require(HTTPField.Name("Link"))
        let link = try #require(response.fields[name])
        let target = link.dropFirst().prefix { $0 != ">" }
        #expect(link == "<\(target)>; rel=\"next\"")
        #expect(!target.contains(typed))
        #expect(try shop.send(.get, String(target)).status == .ok)
    }

    /// The target of the only link, which must agree with the body (RFC 8288 section 3).
    private func next(of response: Response) throws -> String? {
        let name = try #require(HTTPField.Name("Link"))
        let links = response.fields[values: name]
        guard case .string(let cursor)? = try response.json["next"] else {
            #expect(try response.json["next"] == .null)
            #expect(links.isEmpty)
            return nil
        }
        let link = try #require(links.first?.wholeMatch(of: /<(\/[^<>" ]*)>; rel="next"/))
        #expect(links.count == 1)
        let target = String(link.1)
        #expect(
            target.split(separator: "&").last == "after=\(cursor)" || target.contains("?after="))
        return target
    }

    private func stock(_ shop: TestShop, _ products: Int, category: String, from: Int = 0) throws {
        for number in from..<from + products {
            // Few prices and two names, so that ids must break ties.
            let name = number % 2 == 0 ? "ink" : #"é \"quoted\" <&> %2"#
            let body = #"{"name":"\#(name)","category":"\#(category)","price":\#(number % 3)}"#
            let response = try shop.send(.post, "/inventory", as: "adil", body)
            try #require(response.status == .created, "\(response.text)")
            if number % 4 == 0 { shop.clock.pass(seconds: 1) }
        }
    }

    @Test(
        arguments: ["created_at", "-created_at", "price", "-price", "name", "-name"], [1, 7, 100])
    func areCompleteWhileRowsAreAdded(sort: String, limit: Int) throws {
        let shop = try TestShop()
        try stock(shop, 23, category: "ink")
        let old = Set<Int64>(3...25)
        var added = 0
        let ids = try walk(shop, "/inventory?category=ink&sort=\(sort)&limit=\(limit)") { page in
            guard page <= 8 else { return }
            try stock(shop, 2, category: "ink", from: page)
            try stock(shop, 1, category: "other", from: page)
            added += 3
        }
        #expect(ids.count == Set(ids).count, "a row came twice: \(ids)")
        #expect(old.subtracting(ids) == [], "rows are missing")
        #expect(added > 0)
        // If nothing is added, one page and many pages return the same rows.
        let again = try walk(shop, "/inventory?category=ink&sort=\(sort)&limit=\(limit)")
        let whole = try walk(shop, "/inventory?sort=\(sort)&limit=100&category=ink")
        #expect(again == whole)
    }

    @Test(arguments: [1, 2, 3, 4, 100]) func endExactly(limit: Int) throws {
        let shop = try TestShop()
        for _ in 1...4 {
            _ = try shop.send(.post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":5}"#)
        }
        let list = "/customers/ben/wallet/entries?limit=\(limit)"
        #expect(try walk(shop, list) == [5, 4, 3, 2])
        #expect(
            try walk(shop, list) { page in
                guard page == 1 else { return }
                _ = try shop.send(
                    .post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":5}"#)
            } == [5, 4, 3, 2])
    }

    @Test func areEmptyWithoutRows() throws {
        let shop = try TestShop()
        for list in ["/reviews", "/sales", "/wishlist", "/inventory?category=none"] {
            let response = try shop.send(.get, list, as: "adil")
            #expect(response.text == #"{"data":[],"next":null}"#)
            #expect(try next(of: response) == nil)
        }
    }

    /// The link repeats every parameter except the old cursor, in any spelling.
    @Test func keepTheirFilters() throws {
        let shop = try TestShop()
        try stock(shop, 9, category: "ink")
        let first = try shop.send(
            .get, "/inventory?min_price=0&limit=2&category=%69nk&sort=price&in_stock=false")
        let second = try #require(try next(of: first))
        #expect(
            second.hasPrefix(
                "/inventory?min_price=0&limit=2&category=%69nk&sort=price&in_stock=false&after="))
        let spelled = second.replacing("after=", with: "%61fter=")
        let third = try #require(try next(of: try shop.send(.get, spelled)))
        let page = try shop.send(.get, third)
        #expect(page.status == .ok, "\(third): \(page.text)")
        #expect(try page.json["data"]?.elements.count == 2)
    }

    /// The first row has no predecessor and the last row has no successor.
    @Test func holdTheExtremes() throws {
        let shop = try TestShop()
        for name in ["\u{3134A}\u{3134A}", "\u{3134A}z", "!", "~"] {
            let response = try shop.send(
                .post, "/inventory", as: "adil", #"{"name":"\#(name)","category":"x","price":0}"#)
            try #require(response.status == .created, "\(response.text)")
        }
        for sort in ["name", "-name", "price", "-price"] {
            let ids = try walk(shop, "/inventory?category=x&limit=1&sort=\(sort)")
            #expect(Set(ids) == [3, 4, 5, 6], "\(sort)")
        }
    }
}
