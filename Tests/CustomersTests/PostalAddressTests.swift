import Customers
import HTTP
import HTTPTypes
import Service
import Storage
import TestShop
import Testing

/// The addresses that customers save.
@Suite struct PostalAddressTests {
    private static let target = "/customers/ada/addresses"
    private static let home =
        #""name":"Ada Lovelace","lines":["12 St James's Square"],"city":"London","country":"GB""#

    private static func create(
        _ more: String = "", as account: String = "ada", of owner: String = "ada"
    ) -> Scenario.Step {
        .init(.post, "/customers/\(owner)/addresses", as: account, "{\(home)\(more)}")
    }

    private static func change(_ body: String, id: Int = 1, as account: String = "ada")
        -> Scenario.Step
    {
        .init(.patch, "\(target)/\(id)", as: account, body)
    }

    private static let list = Scenario.Step(.get, target, as: "ada")

    static let rows = creations + changes + access

    private static let creations = [
        Scenario(
            "saves an address with the required fields", create(), gives: 201,
            shows: #"""
                {"id":1,"label":null,"name":"Ada Lovelace","company":null,\#
                "lines":["12 St James's Square"],"city":"London","region":null,\#
                "postal_code":null,"country":"GB","phone":null,"default_shipping":false,\#
                "default_billing":false,"created_at":"2026-11-18T11:06:40.000Z",\#
                "updated_at":"2026-11-18T11:06:40.000Z"}
                """#, fields: ["Location": "/customers/ada/addresses/1"]),
        Scenario(
            "saves all fields",
            create(
                #","label":"work","company":"Ä & Co.","region":"Kent","postal_code":"SW1Y 4JH","#
                    + #""phone":"+44 20 7946 0000","default_shipping":true,"default_billing":true"#
            ), gives: 201,
            shows: #"""
                {"label":"work","company":"Ä & Co.","region":"Kent","postal_code":"SW1Y 4JH",\#
                "phone":"+44 20 7946 0000","default_shipping":true,"default_billing":true}
                """#),
        Scenario("lists none", list, gives: 200, shows: #"{"data":[]}"#),
        Scenario(
            "lists the newest first", after: [create(), create()], list, gives: 200,
            shows: #"{"data":[{"id":2},{"id":1}]}"#),
        Scenario(
            "a new default replaces the former one",
            after: [
                create(#","default_shipping":true,"default_billing":true"#),
                create(#","default_shipping":true"#),
            ], list, gives: 200,
            shows: #"""
                {"data":[{"id":2,"default_shipping":true,"default_billing":false},\#
                {"id":1,"default_shipping":false,"default_billing":true}]}
                """#),
        Scenario(
            "reports every fault",
            .init(
                .post, target, as: "ada",
                #"{"name":"","lines":[],"country":"gb","postal_code":"a\nb","default_billing":1,"id":1}"#
            ), gives: 422, code: "invalid_request",
            shows: #"""
                {"errors":[{"field":"name"},{"field":"lines"},{"field":"city"},\#
                {"field":"postal_code"},{"field":"country"},{"field":"default_billing"},\#
                {"field":"id"}]}
                """#),
    ]

    private static let changes = [
        Scenario(
            "changes some fields", after: [create(#","region":"Kent""#)],
            change(#"{"city":"Leeds","region":null,"label":"mum"}"#), gives: 200,
            shows: #"{"city":"Leeds","region":null,"label":"mum","name":"Ada Lovelace"}"#),
        Scenario(
            "moves a default", after: [create(#","default_billing":true"#), create()],
            change(#"{"default_billing":true}"#, id: 2), gives: 200,
            shows: #"{"id":2,"default_billing":true}"#),
        Scenario(
            "sets a default again", after: [create(#","default_billing":true"#)],
            change(#"{"default_billing":true}"#), gives: 200, shows: #"{"default_billing":true}"#),
        Scenario(
            "clears a default", after: [create(#","default_shipping":true"#)],
            change(#"{"default_shipping":false}"#), gives: 200,
            shows: #"{"default_shipping":false}"#),
        Scenario(
            "rejects null for a required field", after: [create()],
            change(#"{"city":null,"lines":null}"#), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"lines"},{"field":"city"}]}"#),
        Scenario(
            "rejects a change of another version", after: [create()],
            .init(.patch, "\(target)/1", as: "ada", "{}", fields: [.ifMatch: #""x""#]), gives: 412,
            code: "precondition_failed"),
        Scenario(
            "deletes an address", after: [create()], .init(.delete, "\(target)/1", as: "ada"),
            gives: 204),
        Scenario(
            "does not delete another version", after: [create()],
            .init(.delete, "\(target)/1", as: "ada", fields: [.ifMatch: #""x""#]), gives: 412,
            code: "precondition_failed"),
        Scenario(
            "reports an unknown address", .init(.delete, "\(target)/1", as: "ada"), gives: 404,
            code: "address_not_found"),
        Scenario(
            "reports another customer's address", after: [create(as: "ben", of: "ben")],
            change("{}"), gives: 404, code: "address_not_found"),
    ]

    private static let access = [
        Scenario(
            "lets staff read", after: [create()], .init(.get, target, as: "sami"), gives: 200,
            shows: #"{"data":[{"id":1}]}"#),
        Scenario("lets staff create", create(as: "sami"), gives: 201),
        Scenario(
            "hides addresses from a moderator", .init(.get, target, as: "mona"), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "hides an address from a moderator who changes it", after: [create()],
            change("{}", as: "mona"), gives: 404, code: "customer_not_found"),
        Scenario(
            "hides addresses from another customer", .init(.get, target, as: "ben"), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "rejects an anonymous caller", .init(.get, target), gives: 401, code: "token_missing"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test(
        "values that are rejected",
        arguments: [
            (#""country":"XX""#, "country"), (#""country":"UK""#, "country"),
            (#""country":"DEU""#, "country"), (#""country":"de""#, "country"),
            (#""country":7"#, "country"), (#""lines":["a","b","c","d","e"]"#, "lines"),
            (#""lines":["a",""]"#, "lines"), (#""lines":["a\nb"]"#, "lines"),
            (#""lines":"a""#, "lines"), (#""lines":["a",1]"#, "lines"),
            (#""lines":["\#(String(repeating: "x", count: 101))"]"#, "lines"),
            (#""name":"\#(String(repeating: "x", count: 121))""#, "name"),
            (#""city":"\u0007""#, "city"), (#""phone":"1\t2""#, "phone"),
            (#""phone":"\#(String(repeating: "1", count: 33))""#, "phone"),
            (#""label":"""#, "label"), (#""label":"\u202Egnp""#, "label"),
        ]) func rejects(member: String, field: String) throws
    {
        let shop = try TestShop()
        try Self.create().succeeds(in: shop)
        let answer = try shop.send(Self.change("{\(member)}"))
        #expect(try answer.code == "invalid_request", "\(answer.text)")
        #expect(try answer.json["errors"]?.elements.map { $0["field"] } == [.string(field)])
    }

    @Test(arguments: ["DE", "US", "JP", "XK", "SU", "AN", "EU"])
    func knowsAssignedCountries(code: String) {
        #expect(isCountryCode(code) == ["DE", "US", "JP"].contains(code))
    }

    /// Only others' changes are audit events, and those do not contain the address.
    @Test func staffAreAudited() throws {
        let shop = try TestShop()
        try Self.create().succeeds(in: shop)
        try Self.create(as: "sami").succeeds(in: shop)
        try Self.change(#"{"city":"Leeds"}"#, id: 2, as: "sami").succeeds(in: shop)
        try Scenario.Step(.delete, "\(Self.target)/1", as: "sami").succeeds(in: shop)
        let log = try shop.send(.get, "/customers/audit?username=ada", as: "adil")
        let entries = try log.json["data"]?.elements ?? []
        #expect(
            entries.map { $0["action"] } == [
                "deleted_address", "changed_address", "created_address",
            ])
        #expect(entries.map { $0["after"] } == [.null, "2", "2"])
        #expect(!log.text.contains("Leeds"))
    }

    @Test func exportsAndErases() throws {
        let shop = try TestShop()
        try Self.create(as: "ben", of: "ben").succeeds(in: shop)
        let export = try shop.send(.get, "/customers/ben/export", as: "ben").json
        #expect(try export["addresses"] == JSON(parsing: Array(shop.savedAddresses("ben").utf8)))
        try Scenario.Step(.delete, "/customers/ben", as: "ben").succeeds(in: shop)
        #expect(try !shop.dump().joined().contains("St James's"))
        #expect(try shop.breaches() == [])
    }

    @Test func findsASavedAddressForAnOrder() throws {
        let shop = try TestShop()
        try Self.create(#","company":"Ä & Co.""#).succeeds(in: shop)
        let (found, others) = try shop.store.read { tx in
            let ada = try customerID(of: "ada", in: tx) ?? 0
            return (
                try savedAddress(1, of: ada, in: tx),
                [
                    try savedAddress(2, of: ada, in: tx),
                    try savedAddress(1, of: ada + 1, in: tx),
                ]
            )
        }
        #expect(found?.lines == AddressLines(["12 St James's Square"]))
        #expect(found?.company == "Ä & Co.")
        #expect(others == [nil, nil])
    }

    /// Concurrent requests exceed neither the quota nor the one default.
    @Test func keepsTheQuotaAndOneDefaultUnderConcurrency() throws {
        let shop = try TestShop()
        for _ in 1...44 { try Self.create().succeeds(in: shop) }
        let codes = atOnce(12) { _ in
            try? shop.send(Self.create(#","default_shipping":true"#)).status.code
        }
        #expect(codes.count { $0 == 201 } == 6)
        #expect(codes.count { $0 == 422 } == 6)
        #expect(try shop.send(Self.create()).code == "quota_exceeded")
        let defaults: Int64 = try shop.value(
            "SELECT COUNT(*) AS value FROM addresses WHERE default_shipping = 1")
        #expect(defaults == 1)
        let moved = atOnce(12) { number in
            try? shop.send(Self.change(#"{"default_billing":true}"#, id: number + 1)).status.code
        }
        #expect(moved.allSatisfy { $0 == 200 })
        #expect(try shop.breaches() == [])
    }
}

extension TestShop {
    fileprivate func savedAddresses(_ name: String) throws -> String {
        let text = try send(.get, "/customers/\(name)/addresses", as: name).text
        return String(text.dropFirst(#"{"data":"#.count).dropLast())
    }
}
