import Foundation
import HTTP
import HTTPTypes
import TestShop
import Testing

/// Tokens that PyJWT creates, or that are built by hand if PyJWT refuses to create them.
@Suite struct IndependentTokenTests {
    /// A token by its name, and the expected response.
    struct Row: Sendable {
        let name: String
        let status: Int
        var code: String?
    }

    static let rows = [
        Row(name: "right", status: 200),
        Row(name: "right with a kid of ours", status: 200),
        Row(name: "right without typ and iat", status: 200),
        Row(name: "right and more claims", status: 200),
        Row(name: "nbf now", status: 200),
        Row(name: "a second to go", status: 200),
        Row(name: "wrong key", status: 401, code: "token_invalid"),
        Row(name: "empty key", status: 401, code: "token_invalid"),
        Row(name: "alg none", status: 401, code: "token_invalid"),
        Row(name: "alg NONE by hand", status: 401, code: "token_invalid"),
        Row(name: "alg none and signed", status: 401, code: "token_invalid"),
        Row(name: "no alg", status: 401, code: "token_invalid"),
        Row(name: "HS384", status: 401, code: "token_invalid"),
        Row(name: "HS512", status: 401, code: "token_invalid"),
        Row(name: "RS256 signed with our key", status: 401, code: "token_invalid"),
        Row(name: "RS256 with a key of its own", status: 401, code: "token_invalid"),
        Row(name: "HS256 with a public key", status: 401, code: "token_invalid"),
        Row(name: "ES256 by hand", status: 401, code: "token_invalid"),
        Row(name: "expired", status: 401, code: "token_expired"),
        Row(name: "expires now", status: 401, code: "token_expired"),
        Row(name: "nbf in the future", status: 401, code: "token_invalid"),
        Row(name: "other issuer", status: 401, code: "token_invalid"),
        Row(name: "no issuer", status: 401, code: "token_invalid"),
        Row(name: "issuer as a list", status: 401, code: "token_invalid"),
        Row(name: "no sub", status: 401, code: "token_invalid"),
        Row(name: "no sid", status: 401, code: "token_invalid"),
        Row(name: "no exp", status: 401),
        Row(name: "sub as a number", status: 401, code: "token_invalid"),
        Row(name: "sid as a number", status: 401, code: "token_invalid"),
        Row(name: "sub that is no number", status: 401, code: "token_invalid"),
        Row(name: "sub beyond 64 bits", status: 401, code: "token_invalid"),
        Row(name: "exp as text", status: 401),
        Row(name: "exp as a float", status: 401),
        Row(name: "exp beyond 64 bits", status: 401),
        Row(name: "exp null", status: 401),
        Row(name: "exp true", status: 401),
        Row(name: "somebody else's session", status: 401, code: "session_ended"),
        Row(name: "no such session", status: 401, code: "session_ended"),
        Row(name: "no such customer", status: 401, code: "session_ended"),
        Row(name: "claims are a list", status: 401, code: "token_invalid"),
        Row(name: "claims are no JSON", status: 401, code: "token_invalid"),
        Row(name: "signature cut", status: 401, code: "token_invalid"),
        Row(name: "signature gone", status: 401, code: "token_invalid"),
        Row(name: "another's claims", status: 401, code: "token_invalid"),
        Row(name: "a part too many", status: 401, code: "token_invalid"),
        Row(name: "10000 levels", status: 401, code: "token_invalid"),
        Row(name: "a critical extension", status: 401, code: "token_invalid"),
    ]

    /// Prints a JSON object of tokens by name.
    static let script = #"""
        import base64, hashlib, hmac, json, sys
        import jwt

        secret, other, public = sys.argv[1], "another key that is as long as it has to be", sys.argv[3]
        now = int(sys.argv[2])
        good = {"iss": "souk", "sub": "1", "sid": "1", "iat": now, "exp": now + 900}

        def part(value):
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
            return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

        def hand(header, claims, key=secret, digest=hashlib.sha256):
            text = part(header) + "." + part(claims)
            return text + "." + part(hmac.new(key.encode(), text.encode(), digest).digest())

        def by(**changes):
            claims = dict(good, **changes)
            return jwt.encode({k: v for k, v in claims.items() if v != "gone"}, secret, "HS256")

        def raw(**changes):
            return hand({"alg": "HS256", "typ": "JWT"}, dict(good, **changes))

        right = jwt.encode(good, secret, "HS256")
        head, body, signature = right.split(".")
        tokens = {
            "right": right,
            "right with a kid of ours": jwt.encode(good, secret, "HS256", headers={"kid": "0" * 16}),
            "right without typ and iat": hand({"alg": "HS256"}, {k: v for k, v in good.items() if k != "iat"}),
            "right and more claims": by(aud="x", jti="y", deep={"a": [1, {"b": None}]}),
            "nbf now": by(nbf=now),
            "a second to go": by(exp=now + 1),
            "wrong key": jwt.encode(good, other, "HS256"),
            "empty key": hand({"alg": "HS256", "typ": "JWT"}, good, ""),
            "alg none": jwt.encode(good, None, "none"),
            "alg NONE by hand": part({"alg": "NONE"}) + "." + body + ".",
            "alg none and signed": hand({"alg": "none"}, good),
            "no alg": hand({"typ": "JWT"}, good),
            "HS384": jwt.encode(good, secret, "HS384"),
            "HS512": jwt.encode(good, secret, "HS512"),
            "RS256 signed with our key": hand({"alg": "RS256", "typ": "JWT"}, good),
            "RS256 with a key of its own": part({"alg": "RS256"}) + "." + body + "." + part(b"s" * 256),
            "HS256 with a public key": hand({"alg": "HS256"}, good, public),
            "ES256 by hand": part({"alg": "ES256"}) + "." + body + "." + part(b"s" * 64),
            "expired": by(exp=now - 1),
            "expires now": by(exp=now),
            "nbf in the future": by(nbf=now + 60),
            "other issuer": by(iss="kiosk"),
            "no issuer": by(iss="gone"),
            "issuer as a list": raw(iss=["souk"]),
            "no sub": by(sub="gone"),
            "no sid": by(sid="gone"),
            "no exp": by(exp="gone"),
            "sub as a number": raw(sub=1),
            "sid as a number": raw(sid=1),
            "sub that is no number": by(sub="ada"),
            "sub beyond 64 bits": by(sub="18446744073709551617"),
            "exp as text": raw(exp=str(now + 900)),
            "exp as a float": raw(exp=now + 900.5),
            "exp beyond 64 bits": raw(exp=2 ** 70),
            "exp null": raw(exp=None),
            "exp true": raw(exp=True),
            "somebody else's session": by(sid="2"),
            "no such session": by(sid="99"),
            "no such customer": by(sub="99"),
            "claims are a list": hand({"alg": "HS256"}, [good]),
            "claims are no JSON": hand({"alg": "HS256"}, b"souk"),
            "signature cut": right[:-4],
            "signature gone": head + "." + body + ".",
            "another's claims": head + "." + part(dict(good, sub="5")) + "." + signature,
            "a part too many": right + "." + signature,
            "10000 levels": hand({"alg": "HS256"}, b"[" * 10000 + b"]" * 10000),
            "a critical extension": hand({"alg": "HS256", "crit": ["b64"], "b64": True}, good),
        }
        print(json.dumps(tokens))
        """#

    /// A public RSA key.
    static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf
        9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==
        -----END PUBLIC KEY-----
        """

    @Test func acceptsOnlyTokensOfTheShop() throws {
        let shop = try TestShop()
        _ = try (shop.signIn("ada"), shop.signIn("ben"))
        let tokens = try Self.tokens(
            String(decoding: TestShop.secret, as: UTF8.self),
            "\(shop.clock.now.milliseconds / 1000)", Self.publicKey)
        #expect(Set(tokens.members) == Set(Self.rows.map(\.name)))
        for row in Self.rows {
            let token = try #require(tokens[row.name]?.text)
            for target in ["/customers/ada", "/inventory", "/sales", "/reviews"] {
                let answer = try shop.send(
                    .get, target, fields: [.authorization: "Bearer \(token)"])
                #expect(answer.status.code == row.status, "\(row.name): \(answer.text)")
                guard row.status == 401 else { continue }
                #expect(answer.field("WWW-Authenticate") != nil)
                if let code = row.code { #expect(try answer.code == code, "\(row.name)") }
            }
        }
    }

    @Test func otherLibrariesAcceptItsTokens() throws {
        let shop = try TestShop()
        let token = try shop.signIn("ada").access
        let script = """
            import jwt, json, sys
            claims = jwt.decode(sys.argv[1], sys.argv[2], algorithms=["HS256"], issuer="souk",
                options={"require": ["exp", "iat", "iss", "sub"], "verify_exp": False, "verify_iat": False})
            print(json.dumps(claims))
            """
        let claims = try Self.python(
            script, token, String(decoding: TestShop.secret, as: UTF8.self))
        let now = shop.clock.now.milliseconds / 1000
        #expect(claims["sub"] == "1" && claims["sid"] == "1")
        #expect(claims["iat"] == .integer(now) && claims["exp"] == .integer(now + 900))
    }

    private static func tokens(_ arguments: String...) throws -> JSON {
        try python(script, arguments)
    }

    private static func python(_ script: String, _ arguments: String...) throws -> JSON {
        try python(script, arguments)
    }

    private static func python(_ script: String, _ arguments: [String]) throws -> JSON {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script] + arguments
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestFailure(description: String(decoding: complaint, as: UTF8.self))
        }
        return try JSON(parsing: Array(printed))
    }
}
