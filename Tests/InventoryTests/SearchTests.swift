import HTTP
import Storage
import TestShop
import Testing

/// Every test uses the pen (1), the lamp (2), and the products below, whose ids are 3 to 9.
@Suite struct SearchTests {
    static let products: [String] = [
        #"""
        "name":"Mint tea","category":"food","price":500,"sku":"TEA-01","stock":5,\#
        "description":"Dried leaves from Crète"
        """#,
        #""name":"Green tea","category":"food","price":300,"sku":"TEA-02","description":"No mint in it""#,
        #""name":"Café crème","category":"food","price":450,"stock":1"#,
        #"""
        "name":"Teapot","category":"kitchen","price":2000,"stock":2,\#
        "description":"For one pot of tea; holds its minted warmth"
        """#,
        #"""
        "name":"ÉLAN vital","category":"paper","price":900,"sku":"X_9.b",\#
        "description":"A book. Über alles gelesen"
        """#,
        #""name":"Drive 3.5\"disk (AND|OR) NEAR(x) col:y ^hat -minus *star","category":"disks","price":7000"#,
        #""name":"Party 🎉 hats","category":"party","price":100,"description":"東京 日本語 Привет мир""#,
    ]

    static func shop() throws -> TestShop {
        let shop = try TestShop()
        for product in products {
            shop.clock.pass(seconds: 1)
            let made = try shop.send(.post, "/inventory", as: "sami", "{\(product)}")
            #expect(made.status.code == 201, "\(made.text)")
        }
        return shop
    }

    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }

    /// The matches, best first.
    static func found(_ typed: String, in shop: TestShop, _ rest: String = "") throws -> [Int64] {
        let target = "/inventory?q=\(escaped(typed))\(rest)"
        let response = try shop.send(.get, target)
        guard response.status.code == 200 else {
            Issue.record("\(typed): \(response.text)")
            return []
        }
        return try response.json["data"]?.elements.compactMap { $0["id"]?.integer } ?? []
    }

    /// The matches, in the order of their ids.
    static let finds: [(typed: String, ids: [Int64])] = [
        // Words of names, SKUs and descriptions.
        ("pen", [1]),
        ("lamp", [2]),
        ("tea", [3, 4, 6]),
        ("mint", [3, 4, 6]),
        ("TEA-01", [3]),
        ("tea-0", [3, 4]),
        ("x_9", [7]),
        ("X_9.b", [7]),
        ("leaves", [3]),
        ("gelesen", [7]),
        ("nothing", []),
        // A prefix of the last word, and only of the last.
        ("p", [1, 6, 9]),
        ("te", [3, 4, 6]),
        ("teap", [6]),
        ("teapots", []),
        ("eapot", []),
        ("green te", [4]),
        ("gree tea", []),
        ("min tea", []),
        ("minted w", [6]),
        // Every word must match, in any column and order.
        ("mint tea", [3, 4]),
        ("tea mint", [3, 4, 6]),
        ("tea leaves crete", [3]),
        ("tea lamp", []),
        ("  tea   pot ", [6]),
        ("tea tea tea", [3, 4, 6]),
        // Case and accents are ignored.
        ("MINT", [3, 4, 6]),
        ("cafe", [5]),
        ("CAFÉ", [5]),
        ("cafe\u{301} cre\u{300}me", [5]),
        ("elan", [7]),
        ("Élan", [7]),
        ("uber", [7]),
        ("crète", [3]),
        ("ПРИВЕТ", [9]),
        ("привет ми", [9]),
        ("東", [9]),
        ("日本語", [9]),
        ("本語", [9]),
        ("京", [9]),
        ("語日", []),
        ("🎉", [9]),
        // The syntax of FTS5 has no meaning here.
        (#"3.5"disk"#, [8]),
        (#""disk""#, [8]),
        (#"disk""#, [8]),
        (#""mint tea""#, [3, 4]),
        ("AND", [8]),
        ("disk AND OR", [8]),
        ("tea OR lamp", []),
        ("tea NOT mint", []),
        ("NEAR(x)", [8]),
        ("NEAR(mint tea)", []),
        ("a-a-a-a-a-a-a-a-a-a", [7, 8]),
        ("col:y", [8]),
        ("name:tea", []),
        ("^hat", [8, 9]),
        ("^tea", [3, 4, 6]),
        ("-minus", [8]),
        ("tea -mint", [3, 4, 6]),
        ("*star", [8]),
        ("te*", [3, 4, 6]),
        ("t*a", []),
        ("(and|or)", [8]),
        ("{name} : tea", []),
        ("tea + mint", [3, 4, 6]),
        ("tea' OR '1'='1", []),
        ("🎉 party", [9]),
        ("party 🎉", [9]),
        // Combining marks that join a quote or a space to one grapheme cluster.
        ("disk\"\u{301}", [8]),
        ("tea\"\u{301} mint", [3, 4, 6]),
        ("a\"\u{301}b* OR tea", []),
        ("tea\"\u{FE0F}", [3, 4, 6]),
        ("tea \u{301}", [3, 4, 6]),
    ]

    @Test func findsWords() throws {
        let shop = try SearchTests.shop()
        for row in SearchTests.finds {
            let ids = try SearchTests.found(row.typed, in: shop).sorted()
            #expect(ids == row.ids, "\(row.typed)")
        }
        #expect(try shop.breaches() == [])
    }

    /// A query of combining marks finds nothing and is valid.
    @Test(arguments: [
        "\"", "\"\"", "\"\"\"", "*", "**", "-", "--", "^", "(", ")", "()", ":", "{}", "+", ".", ",",
        "'", "';", "\\", "\\\"", "%", "_", "👩‍👩‍👧", "\"\u{301}", "\u{301}", "\"*", "\" \"",
        "! ? .",
        "\u{FFFD}", "\u{10FFFF}", "\u{200B}", "\u{202E}", String(repeating: "\"", count: 120),
        String(repeating: "(", count: 120), String(repeating: "* ", count: 60),
    ]) func findsNothingByMarks(typed: String) throws {
        let shop = try SearchTests.shop()
        #expect(try SearchTests.found(typed, in: shop) == [])
    }

    @Test(arguments: [
        String(repeating: "a", count: 120), String(repeating: "é", count: 120),
        String(repeating: "a ", count: 60), String(repeating: "\"a", count: 60),
        String(repeating: "NEAR(", count: 24), "AND OR NOT", "NEAR", "NEAR(", "NEAR(a b, 2)",
        "a AND", "OR a", "NOT", "col : a", "-a:", "a^2", "x'00'", "$1", "?1", "@a", "rank",
        "product_search", "rowid:1", "product_search MATCH 'a'", "' UNION SELECT 1 --",
    ]) func searchesForWhatIsTyped(typed: String) throws {
        let shop = try SearchTests.shop()
        _ = try SearchTests.found(typed, in: shop)
        // A product with exactly this name is found by it.
        let body = #"{"name":"\#(typed.replacing("\"", with: "\\\""))","category":"c","price":1}"#
        #expect(try shop.send(.post, "/inventory", as: "sami", body).status.code == 201)
        #expect(try SearchTests.found(typed, in: shop).contains(10))
        #expect(try shop.breaches() == [])
    }

    static let faults: [(query: String, fields: [String])] = [
        ("q=", ["q"]),
        ("q", ["q"]),
        ("q=%20", ["q"]),
        ("q=+%09", ["q"]),
        ("q=a%00b", ["q"]),
        ("q=a%0Ab", ["q"]),
        ("q=a%7F", ["q"]),
        ("q=\(String(repeating: "a", count: 121))", ["q"]),
        ("q=a+b+c+d+e+f+g+h+i", ["q"]),
        ("q=a+b+c+d+e+f+g+h+i&limit=0", ["q", "limit"]),
        ("q=a&q=b", ["q"]),
        ("sort=relevance", ["sort"]),
        ("q=a&sort=-relevance", ["sort"]),
        ("q=a&sort=score", ["sort"]),
        ("q=a&limit=0&category=X", ["category", "limit"]),
    ]

    @Test func listsEveryFault() throws {
        let shop = try TestShop()
        for row in SearchTests.faults {
            let response = try shop.send(.get, "/inventory?\(row.query)")
            #expect(response.status.code == 422, "\(row.query): \(response.text)")
            #expect(try response.faults == row.fields, "\(row.query): \(response.text)")
        }
        #expect(try shop.send(.get, "/inventory?q=%FF").json["code"] == "invalid_query")
    }

    @Test func ranksNamesBeforeDescriptions() throws {
        let shop = try SearchTests.shop()
        // "mint" is in the name of 3 and in the description of 4; "tea" is in the names of both.
        #expect(try SearchTests.found("mint", in: shop) == [3, 4, 6])
        #expect(try SearchTests.found("tea", in: shop).last == 6)
        #expect(try SearchTests.found("mint", in: shop, "&sort=relevance") == [3, 4, 6])
        let swap = #"{"description":"mint mint mint"}"#
        _ = try shop.send(.patch, "/inventory/4", as: "sami", swap)
        #expect(try SearchTests.found("mint", in: shop).first == 3)
    }
}
