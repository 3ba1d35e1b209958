import Foundation
import HTTP
import HTTPTypes
import TestShop
import Testing

/// Bearer tokens (RFC 6750, RFC 7519), forged without the library that verifies them.
@Suite struct TokenTests {
    /// The difference between a row and a valid token of ada's.
    ///
    /// 1 is ada's id, SID her session, NOW the second of the clock.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var header = #"{"alg":"HS256","typ":"JWT"}"#
        var claims = #"{"iss":"souk","sub":"1","sid":"SID","iat":NOW,"exp":LATER}"#
        var key = TestShop.secret
        var isHS512 = false
        let code: String?
    }

    static let rows = [
        Row(testDescription: "a good one", code: nil),
        Row(testDescription: "without typ", header: #"{"alg":"HS256"}"#, code: nil),
        Row(
            testDescription: "with more claims",
            claims: #"{"iss":"souk","sub":"1","sid":"SID","exp":LATER,"role":"admin","x":[1]}"#,
            code: nil),
        Row(
            testDescription: "a wrong key", key: Array("another key, as long as the shop's".utf8),
            code: "token_invalid"),
        Row(testDescription: "no key", key: [], code: "token_invalid"),
        Row(testDescription: "alg none, signed", header: #"{"alg":"none"}"#, code: "token_invalid"),
        Row(testDescription: "alg NONE, signed", header: #"{"alg":"NONE"}"#, code: "token_invalid"),
        Row(
            testDescription: "alg in small letters", header: #"{"alg":"hs256","typ":"JWT"}"#,
            code: "token_invalid"),
        Row(testDescription: "no alg", header: #"{"typ":"JWT"}"#, code: "token_invalid"),
        Row(
            testDescription: "HS512 under our key", header: #"{"alg":"HS512","typ":"JWT"}"#,
            isHS512: true, code: "token_invalid"),
        Row(testDescription: "HS512 that says HS256", isHS512: true, code: "token_invalid"),
        Row(
            testDescription: "HS256 that says HS384", header: #"{"alg":"HS384"}"#,
            code: "token_invalid"),
        Row(
            testDescription: "HS256 that says RS256", header: #"{"alg":"RS256"}"#,
            code: "token_invalid"),
        Row(testDescription: "a header that is no JSON", header: "HS256", code: "token_invalid"),
        Row(testDescription: "claims that are no JSON", claims: "ada", code: "token_invalid"),
        Row(
            testDescription: "claims that are a list", claims: #"["souk","1"]"#,
            code: "token_invalid"),
        Row(
            testDescription: "expired this second",
            claims: #"{"iss":"souk","sub":"1","sid":"SID","exp":NOW}"#, code: "token_expired"),
        Row(
            testDescription: "expired long ago",
            claims: #"{"iss":"souk","sub":"1","sid":"SID","exp":1}"#, code: "token_expired"),
        Row(
            testDescription: "expired before 1970",
            claims: #"{"iss":"souk","sub":"1","sid":"SID","exp":-1}"#, code: "token_expired"),
        Row(
            testDescription: "no expiry", claims: #"{"iss":"souk","sub":"1","sid":"SID"}"#, code: ""
        ),
        Row(
            testDescription: "an expiry that is text",
            claims: #"{"iss":"souk","sub":"1","sid":"SID","exp":"LATER"}"#, code: ""),
        Row(
            testDescription: "an expiry that is null",
            claims: #"{"iss":"souk","sub":"1","sid":"SID","exp":null}"#, code: ""),
        Row(
            testDescription: "an expiry beyond 64 bits",
            claims: #"{"iss":"souk","sub":"1","sid":"SID","exp":99999999999999999999}"#, code: ""),
        Row(
            testDescription: "another issuer",
            claims: #"{"iss":"shop","sub":"1","sid":"SID","exp":LATER}"#, code: "token_invalid"),
        Row(
            testDescription: "an issuer that is longer",
            claims: #"{"iss":"souk\u0000x","sub":"1","sid":"SID","exp":LATER}"#,
            code: "token_invalid"),
        Row(
            testDescription: "a list of issuers",
            claims: #"{"iss":["souk"],"sub":"1","sid":"SID","exp":LATER}"#, code: "token_invalid"),
        Row(
            testDescription: "no issuer", claims: #"{"sub":"1","sid":"SID","exp":LATER}"#,
            code: "token_invalid"),
        Row(
            testDescription: "no subject", claims: #"{"iss":"souk","sid":"SID","exp":LATER}"#,
            code: "token_invalid"),
        Row(
            testDescription: "a subject that is none",
            claims: #"{"iss":"souk","sub":"ada","sid":"SID","exp":LATER}"#, code: "token_invalid"),
        Row(
            testDescription: "no session", claims: #"{"iss":"souk","sub":"1","exp":LATER}"#,
            code: "token_invalid"),
        Row(
            testDescription: "another customer",
            claims: #"{"iss":"souk","sub":"2","sid":"SID","exp":LATER}"#, code: "session_ended"),
        Row(
            testDescription: "an admin",
            claims: #"{"iss":"souk","sub":"5","sid":"SID","exp":LATER}"#, code: "session_ended"),
        Row(
            testDescription: "nobody", claims: #"{"iss":"souk","sub":"0","sid":"SID","exp":LATER}"#,
            code: "session_ended"),
        Row(
            testDescription: "no such session",
            claims: #"{"iss":"souk","sub":"1","sid":"999","exp":LATER}"#, code: "session_ended"),
        Row(
            testDescription: "no such customer",
            claims: #"{"iss":"souk","sub":"999","sid":"SID","exp":LATER}"#, code: "session_ended"),
    ]

    @Test(arguments: rows) func verifies(row: Row) throws {
        let shop = try TestShop()
        let token = try forged(row, in: shop)
        // In all four responders, and on routes that require no token.
        for target in ["/customers/ada", "/wishlist", "/sales", "/inventory/1", "/reviews"] {
            let response = try shop.send(
                .get, target, fields: [.authorization: "Bearer \(token)"])
            guard let code = row.code else {
                #expect(response.status == .ok, "\(response.text)")
                continue
            }
            try expectRefusal(response, code)
        }
    }

    /// If a change checks the caller in its transaction, other faults are not reported first.
    @Test(arguments: rows) func verifiesTheBuyer(row: Row) throws {
        let shop = try TestShop()
        let token = try forged(row, in: shop)
        let order = #"{"items":[{"product_id":1,"quantity":1}]}"#
        let stock: Int64 = try shop.value("SELECT stock AS value FROM products WHERE id = 1")
        for (target, body, status) in [
            ("/sales?dry_run=true", order, 201), ("/sales", order, 201), ("/sales", "{}", 422),
            ("/sales", "no JSON", 400), ("/sales?dry_run=true", "{}", 422),
            ("/sales?nonsense=1", order, 422),
        ] {
            let response = try shop.send(
                .post, target, body, fields: [.authorization: "Bearer \(token)"])
            guard let code = row.code else {
                #expect(response.status.code == status, "\(response.text)")
                continue
            }
            try expectRefusal(response, code)
        }
        let left: Int64 = try shop.value("SELECT stock AS value FROM products WHERE id = 1")
        #expect(left == (row.code == nil ? stock - 1 : stock))
    }

    /// Expects 401 with `code`, or with any code of a bad token if `code` is empty.
    private func expectRefusal(_ response: Response, _ code: String) throws {
        #expect(response.status == .unauthorized, "\(response.text)")
        let found = try #require(try response.json["code"]?.text)
        #expect(code.isEmpty ? found.hasPrefix("token_") : found == code)
        let challenge = try #require(response.fields[.wwwAuthenticate])
        #expect(challenge == #"Bearer realm="souk", error="invalid_token""#)
    }

    private func forged(_ row: Row, in shop: TestShop) throws -> String {
        _ = try shop.token(of: "ada")
        let session: Int64 = try shop.value("SELECT MAX(id) AS value FROM sessions")
        let now = shop.clock.now.milliseconds / 1000
        let claims = row.claims.replacing("SID", with: "\(session)")
            .replacing("NOW", with: "\(now)").replacing("LATER", with: "\(now + 1)")
        return ForgedToken(
            header: row.header, claims: claims, key: row.key, isHS512: row.isHS512
        ).text
    }

    @Test func isTamperProof() throws {
        let shop = try TestShop()
        let good = try shop.token(of: "ada")
        let parts = good.split(separator: ".").map(String.init)
        try #require(parts.count == 3)
        let admin = ForgedToken(
            claims: #"{"iss":"souk","sub":"5","sid":"1","exp":9999999999}"#, key: [1]
        ).text.split(separator: ".").map(String.init)
        let none = Data(#"{"alg":"none"}"#.utf8).base64EncodedString()
        let bad = [
            "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).", "\(good).x", ".\(good)",
            "\(parts[0]).\(admin[1]).\(parts[2])", "\(parts[0]).\(parts[1]).\(admin[2])",
            "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])", "\(none).\(parts[1])",
            "..", ".", "a.b.c", "x", "\(good) \(good)", "\(good), \(good)", "\(good)\u{E9}",
            String(good.dropLast(2)), String(repeating: "a.", count: 50_000),
            "\"\(good)\"", "null", "\(parts[1]).\(parts[1]).\(parts[2])",
        ]
        for token in bad {
            for target in ["/customers/ada", "/inventory/1"] {
                let response = try shop.send(
                    .get, target, fields: [.authorization: "Bearer \(token)"])
                #expect(response.status == .unauthorized, "\(token.prefix(60))")
                #expect(try response.json["code"] == .string("token_invalid"))
            }
        }
    }

    /// Tokens are compared by bytes: Swift treats the kelvin sign as equal to K.
    @Test func isComparedByBytes() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "ada")
        let expiry = shop.clock.now.milliseconds / 1000 + 900
        let candidates = (0..<100).map { number in
            ForgedToken(
                claims: #"{"iss":"souk","sub":"1","sid":"1","exp":\#(expiry),"n":\#(number)}"#,
                key: TestShop.secret
            ).text
        }
        let good = try #require(candidates.first { $0.contains("K") })
        for (token, status) in [(good, 200), (good.replacing("K", with: "\u{212A}"), 401)] {
            let answer = try shop.send(
                .get, "/customers/ada", fields: [.authorization: "Bearer \(token)"])
            #expect(answer.status.code == status, "\(answer.text)")
        }
    }

    @Test(arguments: [
        ("Bearer TOKEN", 200), ("bearer TOKEN", 200), ("BEARER TOKEN", 200), ("bEaReR TOKEN", 200),
        ("Bearer  TOKEN", 200), ("", 401), ("Bearer", 401), ("Bearer ", 401), ("TOKEN", 401),
        ("Basic YWRhOng=", 401), ("Basic TOKEN", 401), ("Bearer: TOKEN", 401),
        ("BearerTOKEN", 401), ("Token TOKEN", 401), ("Bearer\tTOKEN", 401),
        ("Bearer TOKEN, Basic x", 401), ("Bearer x, Bearer TOKEN", 401),
    ]) func takesTheSchemeBearer(form: String, status: Int) throws {
        let shop = try TestShop()
        let value = form.replacing("TOKEN", with: try shop.token(of: "ada"))
        for target in ["/customers/ada", "/inventory/1"] {
            let response = try shop.send(.get, target, fields: [.authorization: value])
            #expect(response.status.code == status, "\(response.text)")
            if status == 401 {
                #expect(try response.json["code"] == .string("token_invalid"))
                #expect(response.fields[.wwwAuthenticate]?.hasPrefix("Bearer ") == true)
            }
        }
    }

    /// RFC 6750 section 3.1: the challenge for a missing token names no error.
    @Test func challengesAMissingToken() throws {
        let response = try TestShop().send(.get, "/sales")
        #expect(response.status == .unauthorized)
        #expect(try response.json["code"] == .string("token_missing"))
        #expect(response.fields[.wwwAuthenticate] == #"Bearer realm="souk""#)
    }

    @Test func livesForItsSeconds() throws {
        let shop = try TestShop()
        let login = try shop.send(
            .post, "/customers/login", #"{"username":"ada","password":"correct horse"}"#)
        guard case .string(let token)? = try login.json["access_token"],
            case .integer(let seconds)? = try login.json["expires_in"]
        else { throw TestFailure(description: login.text) }
        let fields: HTTPFields = [.authorization: "Bearer \(token)"]
        shop.clock.pass(seconds: seconds - 1)
        #expect(try shop.send(.get, "/customers/ada", fields: fields).status == .ok)
        shop.clock.pass(seconds: 1)
        let late = try shop.send(.get, "/customers/ada", fields: fields)
        #expect(late.status == .unauthorized)
        #expect(try late.json["code"] == .string("token_expired"))
    }

    /// The token equals one that another library signs with the key.
    @Test func isSignedAsSpecified() throws {
        let shop = try TestShop()
        let token = try shop.token(of: "ada")
        let parts = token.split(separator: ".").map { part in
            let text = part.replacing("-", with: "+").replacing("_", with: "/")
            return Data(
                base64Encoded: text + String(repeating: "=", count: (4 - text.count % 4) % 4))
        }
        let header = try #require(parts.first ?? nil)
        let claims = try #require(parts.count == 3 ? parts[1] : nil)
        let same = ForgedToken(
            header: String(decoding: header, as: UTF8.self),
            claims: String(decoding: claims, as: UTF8.self), key: TestShop.secret)
        #expect(same.text == token)
        let json = try JSON(parsing: Array(claims))
        let now = shop.clock.now.milliseconds / 1000
        #expect(try JSON(parsing: Array(header))["alg"] == .string("HS256"))
        #expect(json["iss"] == .string("souk"))
        #expect(json["sub"] == .string("1"))
        #expect(json["iat"] == .integer(now))
        #expect(json["exp"] == .integer(now + 900))
        // A role in a token could not be revoked.
        #expect(json["role"] == nil)
    }
}
