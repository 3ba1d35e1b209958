import Foundation
import HTTP
import HTTPTypes
import TestShop
import Testing

/// Valid and invalid bodies; every fault is listed.
@Suite(.serialized) struct BodyTests {
    private static let registration =
        #"{"username":"zoe","password":"correct horse","full_name":"Zoë"}"#

    @Test(arguments: [
        (nil, 415), ("", 415), ("text/plain", 415), ("application/x-www-form-urlencoded", 415),
        ("application/jsonx", 415), ("application/problem+json", 415),
        ("application/json-seq", 415),
        ("application/json; charset=iso-8859-1", 415), ("application/json, text/plain", 415),
        ("multipart/form-data; boundary=application/json", 415),
        ("application/json", 201), ("Application/JSON", 201),
        ("application/json;charset=utf-8", 201),
        ("application/json; charset=UTF-8", 201), (#"application/json ; charset="utf-8""#, 201),
        ("application/json; charset=utf8", 201), ("application/json; version=1", 201),
        ("application/json;odata=verbose;", 201), (#"application/json; a="b;c, d""#, 201),
        ("application/json; charset", 415), ("application/json; =1", 415),
        ("application/json; a=b, text/plain", 415), (#"application/json; a="b"#, 415),
        ("application/json; charset=utf-16", 415), ("application/merge-patch+json", 415),
    ]) func mustBeCalledJSON(type: String?, status: Int) throws {
        let shop = try TestShop()
        let response = shop.send(
            Request(
                method: .post, path: "/customers", fields: type.map { [.contentType: $0] } ?? [:],
                body: Array(BodyTests.registration.utf8)))
        #expect(response.status.code == status, "\(response.text)")
        if status == 415 {
            #expect(try response.json["code"] == .string("unsupported_media_type"))
        }
    }

    @Test(arguments: ["gzip", "br", "deflate", "identity, gzip", "x"])
    func mustNotBeCompressed(coding: String) throws {
        let response = try BodyTests.shop.get().send(
            Request(
                method: .post, path: "/customers",
                fields: [.contentType: "application/json", .contentEncoding: coding],
                body: Array(BodyTests.registration.utf8)))
        #expect(response.status == .unsupportedMediaType)
        #expect(response.fields[.acceptEncoding] == "identity")
    }

    @Test func mayBeAMergePatch() throws {
        let shop = try TestShop()
        let patch = { (type: String) in
            shop.send(
                Request(
                    method: .patch, path: "/customers/ada",
                    fields: [
                        .contentType: type,
                        .authorization: "Bearer \(try shop.token(of: "ada"))",
                    ], body: Array(#"{"age":36}"#.utf8)))
        }
        #expect(try patch("application/merge-patch+json").status == .ok)
        #expect(try patch("Application/JSON").status == .ok)
        let refused = try patch("application/json-patch+json")
        #expect(refused.status == .unsupportedMediaType)
        #expect(
            refused.fields.first { $0.name.canonicalName == "accept-patch" }?.value
                == "application/json, application/merge-patch+json")
    }

    /// An operation without input rejects a body, because the client expects it to have an effect.
    @Test(arguments: [
        ("", 200), ("{}", 200), (" { \n} ", 200), ("null", 200), ("\tnull\r\n", 200), ("  ", 200),
        (#"{"items":[{"product_id":1,"quantity":1}]}"#, 422), (#"{"helpful":false}"#, 422),
        ("[]", 422), ("0", 422), ("{}x", 422), ("nullx", 422), ("{", 422), ("\u{0}", 422),
    ]) func mustBeEmptyIfNoneIsTaken(body: String, status: Int) throws {
        for (method, target, account) in [
            (HTTPRequest.Method.post, "/sales/1/cancel?dry_run=true", "ada"),
            (.post, "/sales/2/deliver?dry_run=true", "sami"), (.put, "/reviews/1/vote", "mona"),
            (.get, "/inventory/1", "ben"),
        ] {
            let shop = try TestShop.furnished()
            let before = try (shop.token(of: account), shop.contents()).1
            let response = try shop.send(method, target, as: account, body)
            #expect(response.status.code == status, "\(method) \(target): \(response.text)")
            guard status == 422 else { continue }
            #expect(try response.json["errors"]?[0]?["field"] == .string("body"))
            #expect(try shop.contents() == before)
        }
    }

    /// An operation with an optional body takes no body, an empty one, or one with input.
    @Test(arguments: [
        ("", 200), ("{}", 200), (" { \n} ", 200), ("null", 200), ("\tnull\r\n", 200), ("  ", 200),
        (#"{"carrier":"Post"}"#, 200), (#"{"helpful":false}"#, 422), ("[]", 422), ("0", 422),
        ("{}x", 400), ("nullx", 400), ("{", 400), ("\u{0}", 400),
    ]) func mayBeOmittedIfItIsOptional(body: String, status: Int) throws {
        let shop = try TestShop.furnished()
        let before = try (shop.token(of: "sami"), shop.contents()).1
        let response = try shop.send(.post, "/sales/1/ship?dry_run=true", as: "sami", body)
        #expect(response.status.code == status, "\(response.text)")
        #expect(try shop.contents() == before)
        let typeless = try shop.send(
            .post, "/sales/1/ship?dry_run=true", as: "sami", body,
            fields: [.contentType: "text/plain"])
        let needsType =
            body.contains { !$0.isWhitespace } && !["{}", " { \n} "].contains(body)
            && !body.contains(#/^\s*null\s*$/#)
        #expect(typeless.status.code == (needsType ? 415 : 200), "\(typeless.text)")
    }

    @Test(arguments: [
        "", " ", "{", "{}}", "{}{}", "[", #"{"a":1,}"#, #"{"a" 1}"#, #"{a:1}"#, #"{'a':1}"#,
        "nul", "tru", "// hi", #"{"a":01}"#, #"{"a":+1}"#, #"{"a":.5}"#, #"{"a":1.}"#,
        #"{"a":NaN}"#, #"{"a":Infinity}"#, #"{"a":-}"#, #"{"a":0x1}"#, "{\"a\":\"\u{0}\"}",
        "{\"a\":\"line\nbreak\"}", #"{"a":"\x41"}"#, #"{"a":"\u00"}"#, #"{"a":"\ud800"}"#,
        #"{"a":"\udc00"}"#, #"{"a":"\udc00\ud800"}"#, #"{"a":"\ud800\ud800"}"#,
        #"{"a":"\ud83d\u0041"}"#, #"{"\ud800":1}"#, "\u{FEFF}{}", "{}\u{0}",
        String(repeating: "[", count: 10_000),
        String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000),
        #"{"username":"# + String(repeating: "[", count: 10_000)
            + String(repeating: "]", count: 10_000) + "}",
        String(repeating: #"{"a":"#, count: 10_000),
    ]) func mustBeJSON(text: String) throws {
        let shop = try BodyTests.shop.get()
        let response = try shop.send(.post, "/customers", text)
        #expect(response.status.code == 400, "\(response.text)")
        #expect(try response.json["code"] == .string("invalid_json"))
    }

    private static let shop = Result { try TestShop() }

    @Test(
        arguments: [
            [0xFF], [0xC3], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF],
            [0xF5, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xFE, 0xFF],
        ] as [[UInt8]]) func mustBeUTF8(bytes: [UInt8]) throws
    {
        let shop = try BodyTests.shop.get()
        for (before, after) in [(#"{"full_name":""#, #""}"#), (#"{""#, #"":1}"#), ("{", "}")] {
            let response = shop.send(
                Request(
                    method: .post, path: "/customers", fields: [.contentType: "application/json"],
                    body: Array(before.utf8) + bytes + Array(after.utf8)))
            #expect(response.status == .badRequest, "\(response.text)")
        }
    }

    @Test(arguments: ["null", "true", "0", "1e9", #""text""#, "[]", "[{}]"])
    func mustBeAnObject(text: String) throws {
        try Scenario(
            text, .init(.post, "/customers", text), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"body","message":"must be an object"}]}"#
        ).play(in: BodyTests.shop.get())
    }

    static let rows = [
        Scenario(
            "a known field given twice",
            .init(.post, "/customers/ada/wallet/credit", as: "sami", #"{"amount":1,"amount":2}"#),
            gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"amount","message":"is repeated"}]}"#),
        Scenario(
            "an unknown field given twice",
            .init(.post, "/customers/ada/wallet/credit", as: "sami", #"{"amount":1,"x":1,"x":2}"#),
            gives: 422,
            shows:
                #"""
                {"errors":[{"field":"x","message":"is not a known field"},{"field":"x",\#
                "message":"is not a known field"}]}
                """#
        ),
        Scenario(
            "missing, unknown, of the wrong type and out of range at once",
            .init(
                .post, "/customers",
                #"""
                {"role":"admin","username":7,"age":151,"gender":"cat","address":[],\#
                "marital_status":null,"password":"short"}
                """#
            ), gives: 422,
            shows:
                #"""
                {"detail":"7 fields are invalid.","errors":[{"field":"username",\#
                "message":"must be 3 to 32 of a-z, 0-9, '_', '.' and '-', beginning with a letter"},\#
                {"field":"password","message":"must be text of 8 to 128 bytes"},\#
                {"field":"full_name","message":"is missing"},{"field":"age",\#
                "message":"must be an integer from 1 to 150"},{"field":"address"},\#
                {"field":"gender",\#
                "message":"must be one of: female, male, other, undisclosed"},\#
                {"field":"role","message":"is not a known field"}]}
                """#
        ),
        Scenario(
            "inside lists, by index",
            .init(
                .post, "/sales", as: "ada",
                #"{"items":[{"product_id":5,"quantity":0},{"quantity":"1"},7,{"product_id":2,"quantity":1.5,"x":1}]}"#
            ), gives: 422,
            shows:
                #"""
                {"errors":[{"field":"items[0].quantity"},{"field":"items[1].product_id",\#
                "message":"is missing"},{"field":"items[1].quantity"},\#
                {"field":"items[2]","message":"must be an object"},\#
                {"field":"items[3].quantity"},{"field":"items[3].x",\#
                "message":"is not a known field"}]}
                """#
        ),
        Scenario(
            "a name that needs escapes",
            .init(
                .post, "/customers/ada/wallet/credit", as: "sami", #"{"amount":1,"\u0000\"\n":2}"#),
            gives: 422,
            shows: #"{"errors":[{"field":"\u0000\"\n","message":"is not a known field"}]}"#),
        Scenario(
            "null where a value must be",
            .init(
                .post, "/customers/ada/wallet/credit", as: "sami", #"{"amount":null,"note":null}"#),
            gives: 422,
            shows: #"{"errors":[{"field":"amount"}]}"#),
    ]

    @Test(arguments: rows) func namesEveryFault(row: Scenario) throws { try row.play() }

    /// None of these is a valid integer amount of money.
    @Test(arguments: [
        "0", "-1", "0.0", "1.5", "0.1", "1e-2", "1E12", "-0", #""1""#, "true", "[1]", "{}",
        "100000000001", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
        "18446744073709551617", "1e400", String(repeating: "9", count: 400),
    ]) func takesNoOtherNumber(amount: String) throws {
        let shop = try BodyTests.shop.get()
        let response = try shop.send(
            .post, "/customers/ada/wallet/credit", as: "sami", #"{"amount":\#(amount)}"#)
        #expect(response.status.code == 422, "\(response.text)")
        #expect(try response.json["errors"]?[0]?["field"] == .string("amount"))
    }

    @Test(arguments: [0, 1, 7, 8, 9, 0xA, 0xB, 0xD, 0x1B, 0x1F, 0x7F])
    func rejectsControlCharactersInALine(code: Int) throws {
        let escaped = "\\u00" + (code < 16 ? "0" : "") + String(code, radix: 16)
        let shop = try BodyTests.shop.get()
        let response = try shop.send(
            .post, "/customers/ada/wallet/credit", as: "sami",
            #"{"amount":1,"note":"a\#(escaped)b"}"#)
        #expect(response.status.code == 422, "\(response.text)")
        #expect(try response.json["errors"]?[0]?["field"] == .string("note"))
    }

    @Test(arguments: ["", ",", "unknown"]) func isBounded(kind: String) throws {
        let shop = try BodyTests.shop.get()
        let members = (0..<9_990).map {
            kind == "unknown" ? "\"\(kind)\":0" : "\"\(kind)\($0)\":0"
        }
        let body = "{\(members.joined(separator: ","))}"
        var response = Response(status: .ok)
        let duration = try ContinuousClock().measure {
            response = try shop.send(.post, "/customers", body)
        }
        #expect(response.status.code == 422)
        // The response is smaller than the request, and fast.
        #expect(try response.json["errors"]?.elements.count == 100)
        #expect(response.body.count < 16_384)
        #expect(duration < .seconds(20))
    }

    @Test func cutsALongNameShort() throws {
        let shop = try BodyTests.shop.get()
        let name = String(repeating: "n", count: 500_000)
        let response = try shop.send(.post, "/customers", "{\"\(name)\":1}")
        #expect(response.status.code == 422)
        #expect(response.body.count < 2048)
    }
}
