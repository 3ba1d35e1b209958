import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing
import Words

@Suite struct ListCustomersTests {
    /// A customer, and the fields by which the database should find them.
    struct Person {
        let id: Int64
        let username: String
        let fullName: String
        var role = "customer"
        var status = "active"

        /// The matching key, or nil.
        ///
        /// The username is tried before the folded name.
        func match(_ prefix: String) -> [UInt8]? {
            let wanted = Array(foldedKey(prefix).utf8)
            guard !wanted.isEmpty else { return nil }
            let keys = [Array(username.utf8), Array(foldedKey(fullName).utf8)]
            return keys.first { $0.starts(with: wanted) }
        }
    }

    static let names = [
        ("anna", "anna"), ("annabel", "Anna Bell"), ("bob_a", "ANNA Zed"), ("bobxa", "anna"),
        ("percent", "100% sure"), ("hundred", "100 sure"), ("zoe", "Zoë Ångström"), ("zed", "Zo"),
        ("emile", "Émile"), ("anton", "émile"), ("kanji", "山田 太郎"), ("emoji", "👩‍👩‍👧 family"),
        ("under", "_under"), ("quote", "O'Brien \\ Söhne"), ("last", "\u{10FFFF}"),
    ]

    /// The five accounts of every shop, and one for each of `names`.
    static func stock(_ shop: TestShop) throws -> [Person] {
        var people = [
            ("ada", "customer"), ("ben", "customer"), ("mona", "moderator"),
            ("sami", "staff"), ("adil", "admin"),
        ].enumerated().map { index, person in
            Person(
                id: Int64(index + 1), username: person.0, fullName: "Customer \(person.0)",
                role: person.1)
        }
        try shop.addCustomers(names.map(\.0))
        for (index, (username, fullName)) in names.enumerated() {
            let status = index % 4 == 1 ? "suspended" : "active"
            let role = index % 5 == 2 ? "staff" : "customer"
            try shop.store.write { tx in
                try tx.run(
                    """
                    UPDATE customers SET full_name = \(fullName), name_key = \(foldedKey(fullName)),
                        status = \(status), role = \(role)
                    WHERE username = \(username)
                    """)
            }
            people.append(
                Person(
                    id: Int64(index + 6), username: username, fullName: fullName, role: role,
                    status: status))
        }
        return people
    }

    static let prefixes = [
        "a", "A", "ann", "anna", "ANNA", "anna ", "annab", "b", "bob_", "bob", "%", "_", "100%",
        "100", "zo", "Zoë", "zoë", "ZOE", "É", "é", "Émile", "山", "👩‍👩‍👧", "👩", "customer",
        "Emile", "e\u{301}mile", "\u{301}", "Customer A", "o'brien", "o'brien \\ s", "'", "nothing",
        "z", "\u{10FFFF}", "an%", "a_a",
    ]

    static let filters = ["", "&role=staff", "&status=suspended", "&role=customer&status=active"]

    @Test func findsEachMatchByPrefixOnce() throws {
        let shop = try TestShop()
        let people = try Self.stock(shop)
        for prefix in Self.prefixes {
            for filter in Self.filters {
                let expected = people.filter {
                    (!filter.contains("role=") || filter.contains("role=\($0.role)"))
                        && (!filter.contains("status=") || filter.contains("status=\($0.status)"))
                }.compactMap { person in person.match(prefix).map { ($0, person.id) } }
                    .sorted {
                        $0.0 == $1.0 ? $0.1 < $1.1 : $0.0.lexicographicallyPrecedes($1.0)
                    }.map(\.1)
                let query = "/customers?q=\(escaped(prefix))\(filter)"
                #expect(try shop.ids(query, as: "sami") == expected, "\(prefix)\(filter)")
            }
        }
    }

    @Test func isNewestFirstWithoutAPrefix() throws {
        let shop = try TestShop()
        let people = try Self.stock(shop)
        #expect(try shop.ids("/customers", as: "sami") == people.map(\.id).reversed())
        for role in ["customer", "moderator", "staff", "admin"] {
            for status in ["active", "suspended"] {
                #expect(
                    try shop.ids("/customers?role=\(role)&status=\(status)", as: "adil")
                        == people.filter { $0.role == role && $0.status == status }.map(\.id)
                        .reversed())
            }
        }
    }

    @Test func omitsSecretsMoneyAndErasedCustomers() throws {
        let shop = try TestShop()
        try Scenario.Step(.delete, "/customers/ben", as: "adil").succeeds(in: shop)
        let list = try shop.send(.get, "/customers", as: "sami")
        #expect(!list.text.contains("argon2id") && !list.text.contains("balance"))
        for target in ["/customers", "/customers?q=erased", "/customers?q=ben"] {
            let ids = try shop.ids(target, as: "sami")
            #expect(!ids.contains(2), "\(target)")
        }
        let same = try shop.send(
            .get, "/customers", as: "sami", fields: [.ifNoneMatch: list.fields[.eTag] ?? ""])
        #expect(same.status.code == 304)
    }

    static let rows =
        [Scenario].closed(to: "ada", "mona", by: .get, "/customers") + [
            Scenario(
                "returns a page", .init(.get, "/customers?limit=2", as: "sami"), gives: 200,
                shows:
                    #"""
                    {"data":[{"username":"adil","role":"admin","status":"active",\#
                    "full_name":"Customer adil"},{"username":"sami"}]}
                    """#
            ),
            Scenario(
                "accepts both filters and a prefix",
                .init(.get, "/customers?q=Customer+a&role=admin&status=active", as: "adil"),
                gives: 200,
                shows: #"{"data":[{"username":"adil"}],"next":null}"#),
            Scenario(
                "refuses an empty prefix", .init(.get, "/customers?q=", as: "sami"), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"q"}]}"#),
            Scenario(
                "refuses a prefix beyond any name",
                .init(.get, "/customers?q=\(String(repeating: "a", count: 121))", as: "sami"),
                gives: 422, code: "invalid_request"),
            Scenario(
                "lists every fault",
                .init(
                    .get, "/customers?role=boss&status=gone&limit=0&after=x&sort=name", as: "sami"),
                gives: 422, code: "invalid_request",
                shows:
                    #"""
                    {"errors":[{"field":"role"},{"field":"status"},{"field":"limit"},\#
                    {"field":"after"},{"field":"sort"}]}
                    """#
            ),
            Scenario(
                "refuses a parameter twice", .init(.get, "/customers?q=a&q=b", as: "sami"),
                gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"q"}]}"#),
            Scenario(
                "refuses a broken escape", .init(.get, "/customers?q=%zz", as: "sami"), gives: 400,
                code: "invalid_query"),
            Scenario(
                "refuses bytes that are no UTF-8", .init(.get, "/customers?q=%ff", as: "sami"),
                gives: 400, code: "invalid_query"),
            Scenario(
                "refuses NUL", .init(.get, "/customers?q=%00", as: "sami"), gives: 422,
                code: "invalid_request"),
        ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func rejectsACursorOfAnotherOrder() throws {
        let shop = try TestShop()
        let plain = try shop.send(.get, "/customers?limit=1", as: "sami").json["next"]?.text
        let found = try shop.send(.get, "/customers?limit=1&q=a", as: "sami").json["next"]?.text
        for (query, cursor) in [("q=a&", plain), ("", found)] {
            let cursor = try #require(cursor)
            let answer = try shop.send(.get, "/customers?\(query)after=\(cursor)", as: "sami")
            #expect(answer.status.code == 422)
            #expect(try answer.faults == ["after"])
        }
    }

    /// Percent-encodes every byte, so that the query needs no other escaping.
    private func escaped(_ text: String) -> String {
        text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
