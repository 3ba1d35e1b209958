import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

/// The routes of coupons.
@Suite struct CouponTests {
    static func create(_ body: String) -> Scenario.Step {
        .init(.post, "/sales/coupons", as: "sami", body)
    }
    static let tenth = create(#"{"code":"Ten-Off","kind":"percent","value":1000}"#)

    private static func check(_ code: String, _ query: String, as account: String? = nil)
        -> Scenario.Step
    {
        .init(.get, "/sales/coupons/\(code)/check?\(query)", as: account)
    }

    static let rows = creations + invalid + changes + checks + refusals

    private static let creations = [
        Scenario(
            "creates a coupon and folds its code", tenth, gives: 201,
            shows: #"""
                {"id":1,"code":"TEN-OFF","kind":"percent","value":1000,"min_subtotal":null,\#
                "starts_at":null,"ends_at":null,"max_uses":null,"max_uses_per_customer":null,\#
                "categories":null,"product_ids":null,"uses":0,\#
                "created_at":"2026-11-18T11:06:40.000Z","updated_at":"2026-11-18T11:06:40.000Z"}
                """#, fields: ["Location": "/sales/coupons/TEN-OFF"]),
        Scenario(
            "keeps all terms",
            create(
                #"""
                {"code":"ALL","kind":"amount","value":500,"min_subtotal":1000,\#
                "starts_at":"2026-11-01T00:00:00Z","ends_at":"2026-12-01T00:00:00Z","max_uses":50,\#
                "max_uses_per_customer":1,"categories":["paper","light"],"product_ids":[2,1]}
                """#), gives: 201,
            shows: #"""
                {"kind":"amount","value":500,"min_subtotal":1000,\#
                "starts_at":"2026-11-01T00:00:00.000Z","ends_at":"2026-12-01T00:00:00.000Z",\#
                "max_uses":50,"max_uses_per_customer":1,"categories":["paper","light"],\#
                "product_ids":[2,1]}
                """#),
        Scenario(
            "creates free shipping", create(#"{"code":"FREE","kind":"free_shipping"}"#), gives: 201,
            shows: #"{"kind":"free_shipping","value":null}"#),
        Scenario(
            "rejects a code of another coupon in another case", after: [tenth],
            create(#"{"code":"TEN-off","kind":"free_shipping"}"#), gives: 409,
            code: "coupon_code_taken"),
        Scenario(
            "frees the code of a deleted coupon",
            after: [tenth, .init(.delete, "/sales/coupons/TEN-OFF", as: "sami")], tenth,
            gives: 201, shows: #"{"id":2}"#),
        Scenario(
            "lists the newest first",
            after: [tenth, create(#"{"code":"B-1","kind":"free_shipping"}"#)],
            .init(.get, "/sales/coupons", as: "sami"), gives: 200,
            shows: #"{"data":[{"id":2},{"id":1}],"next":null}"#),
    ]

    private static let invalid =
        [
            (#""kind":"percent""#, "value"), (#""kind":"percent","value":10001"#, "value"),
            (#""kind":"percent","value":0"#, "value"), (#""kind":"amount""#, "value"),
            (#""kind":"amount","value":null"#, "value"),
            (#""kind":"free_shipping","value":1"#, "value"),
            (#""kind":"gift","value":1"#, "kind"),
            (#""kind":"free_shipping","max_uses":0"#, "max_uses"),
            (#""kind":"free_shipping","min_subtotal":-1"#, "min_subtotal"),
            (#""kind":"free_shipping","categories":[]"#, "categories"),
            (#""kind":"free_shipping","categories":["a","a"]"#, "categories"),
            (#""kind":"free_shipping","categories":["A b"]"#, "categories"),
            (#""kind":"free_shipping","product_ids":[1,1]"#, "product_ids"),
            (#""kind":"free_shipping","product_ids":["1"]"#, "product_ids"),
            (
                #""kind":"free_shipping","starts_at":"2026-12-01T00:00:00Z","ends_at":"2026-12-01T00:00:00Z""#,
                "ends_at"
            ),
        ].map { member, field in
            Scenario(
                "rejects \(member)", create(#"{"code":"ABC",\#(member)}"#), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"\#(field)"}]}"#)
        }
        + ["AB", "A B", "ÄÖÜ", "A_B", String(repeating: "A", count: 41)].map { code in
            Scenario(
                "rejects the code \(code)",
                create(#"{"code":"\#(code)","kind":"free_shipping"}"#), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"code"}]}"#)
        }

    private static let changes = [
        Scenario(
            "finds a coupon in any case", after: [tenth],
            .init(.get, "/sales/coupons/ten-oFF", as: "sami"), gives: 200,
            shows: #"{"code":"TEN-OFF"}"#),
        Scenario(
            "changes terms", after: [tenth],
            .init(
                .patch, "/sales/coupons/ten-off", as: "sami",
                #"{"kind":"amount","value":20000,"max_uses":3}"#), gives: 200,
            shows: #"{"kind":"amount","value":20000,"max_uses":3}"#),
        Scenario(
            "rejects terms that do not fit together", after: [tenth],
            .init(.patch, "/sales/coupons/TEN-OFF", as: "sami", #"{"kind":"free_shipping"}"#),
            gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"value"}]}"#),
        Scenario(
            "rejects another code", after: [tenth],
            .init(.patch, "/sales/coupons/TEN-OFF", as: "sami", #"{"code":"ABC"}"#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"code"}]}"#),
        Scenario(
            "rejects a change of another version", after: [tenth],
            .init(
                .patch, "/sales/coupons/TEN-OFF", as: "sami", "{}", fields: [.ifMatch: #""x""#]),
            gives: 412, code: "precondition_failed"),
        Scenario(
            "deletes a coupon", after: [tenth],
            .init(.delete, "/sales/coupons/TEN-OFF", as: "sami"), gives: 204),
        Scenario(
            "reports an unknown coupon", .init(.get, "/sales/coupons/NONE", as: "sami"), gives: 404,
            code: "coupon_not_found"),
        Scenario(
            "reports a deleted coupon",
            after: [tenth, .init(.delete, "/sales/coupons/TEN-OFF", as: "sami")],
            .init(.delete, "/sales/coupons/TEN-OFF", as: "sami"), gives: 404,
            code: "coupon_not_found"),
        Scenario(
            "rejects a moderator", .init(.get, "/sales/coupons", as: "mona"), gives: 403,
            code: "forbidden"),
    ]

    private static let checks = [
        Scenario(
            "tells the discount to everyone", after: [tenth],
            check("ten-off", "subtotal=1005"), gives: 200,
            shows: #"""
                {"code":"TEN-OFF","kind":"percent","value":1000,"discount":101,\#
                "free_shipping":false,"currency":"USD","min_subtotal":null,"ends_at":null,\#
                "categories":null,"product_ids":null}
                """#),
        Scenario(
            "an amount is at most the subtotal",
            after: [create(#"{"code":"FIVE","kind":"amount","value":500}"#)],
            check("FIVE", "subtotal=300"), gives: 200, shows: #"{"discount":300}"#),
        Scenario(
            "tells free shipping", after: [create(#"{"code":"FREE","kind":"free_shipping"}"#)],
            check("FREE", "subtotal=0"), gives: 200,
            shows: #"{"discount":0,"free_shipping":true}"#),
        Scenario(
            "requires the subtotal", after: [tenth], check("TEN-OFF", ""), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"subtotal"}]}"#),
    ]

    private static let refusals = [
        (#""min_subtotal":1000"#, "requires a subtotal of at least 1000"),
        (#""starts_at":"2026-11-18T11:06:41Z""#, "is not valid yet"),
        (#""ends_at":"2026-11-18T11:06:40Z""#, "has expired"),
        (#""max_uses_per_customer":1"#, "requires an account"),
    ].map { member, reason in
        Scenario(
            "a check says that it \(reason)",
            after: [create(#"{"code":"ABC","kind":"free_shipping",\#(member)}"#)],
            check("ABC", "subtotal=999"), gives: 409, code: "coupon_invalid",
            shows: #"""
                {"detail":"The coupon \#(reason).",\#
                "errors":[{"field":"coupon","message":"\#(reason)"}]}
                """#)
    }

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func everyChangeIsAudited() throws {
        let shop = try TestShop()
        try Self.tenth.succeeds(in: shop)
        try Scenario.Step(.patch, "/sales/coupons/TEN-OFF", as: "sami", #"{"value":5}"#).succeeds(
            in: shop)
        try Scenario.Step(.delete, "/sales/coupons/TEN-OFF", as: "adil").succeeds(in: shop)
        let log = try shop.send(.get, "/customers/audit", as: "adil").json["data"]?.elements ?? []
        #expect(
            log.map { $0["action"] } == ["deleted_coupon", "changed_coupon", "created_coupon"])
        #expect(log.allSatisfy { $0["subject"] == "/sales/coupons/TEN-OFF" })
        #expect(log[1]["before"] == #"{"value":1000}"# && log[1]["after"] == #"{"value":5}"#)
    }

    /// 20 unknown codes from a network, and then a growing delay; another network is not affected.
    @Test func slowsDownGuesses() throws {
        let shop = try TestShop()
        try Self.tenth.succeeds(in: shop)
        func check(_ code: String, from address: String = "192.0.2.1") throws -> Response {
            try shop.send(.get, "/sales/coupons/\(code)/check?subtotal=1", from: address)
        }
        for number in 1...20 {
            let answer = try check("GUESS-\(number)")
            #expect(answer.status == .conflict)
            #expect(try answer.json["detail"] == "The coupon is unknown.")
        }
        for code in ["GUESS-21", "TEN-OFF"] {
            let answer = try check(code)
            #expect(answer.status == .tooManyRequests)
            #expect(try answer.json["code"] == "too_many_guesses")
            #expect(answer.fields[.retryAfter] == "1")
        }
        #expect(try check("TEN-OFF", from: "192.0.2.2").status == .ok)
        shop.clock.pass(seconds: 1)
        #expect(try check("TEN-OFF").status == .ok)
        #expect(try check("TEN-OFF").status == .ok)
        #expect(try check("GUESS-22").status == .conflict)
        #expect(try check("TEN-OFF").fields[.retryAfter] == "2")
    }

    /// An account has as many free failures as a login, from all networks together.
    @Test func slowsDownAnAccount() throws {
        let shop = try TestShop()
        try Self.tenth.succeeds(in: shop)
        func check(_ code: String, from address: String) throws -> Response {
            try shop.send(
                .get, "/sales/coupons/\(code)/check?subtotal=1", as: "ada", from: address)
        }
        for number in 1...5 {
            #expect(try check("GUESS-\(number)", from: "192.0.2.\(number)").status == .conflict)
        }
        let locked = try check("TEN-OFF", from: "192.0.2.9")
        #expect(locked.status == .tooManyRequests && locked.fields[.retryAfter] == "1")
        #expect(
            try shop.send(
                .get, "/sales/coupons/TEN-OFF/check?subtotal=1", as: "ben", from: "192.0.2.9"
            ).status == .ok)
    }

    /// Staff, who can list the coupons, may mistype more of them.
    @Test func doesNotSlowDownStaff() throws {
        let shop = try TestShop()
        try Self.tenth.succeeds(in: shop)
        for number in 1...25 {
            let answer = try shop.send(
                .get, "/sales/coupons/GUESS-\(number)/check?subtotal=1", as: "sami")
            #expect(answer.status == .conflict)
        }
    }
}
