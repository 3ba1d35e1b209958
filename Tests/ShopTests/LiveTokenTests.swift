import CSodium
import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// Tokens of another signer, each with exactly one fault.
    @Suite struct LiveTokenTests {
        /// A token and its parts.
        struct Forger {
            let secret: [UInt8]
            /// `sub` and `sid` of a customer who has logged in.
            let subject: String
            let session: String

            init(_ shop: RunningShop, with token: String) throws {
                // The first line signs; the others are former keys.
                let lines = try shop.home.text(of: "jwt.secret").split(separator: "\n")
                secret = Array((lines.first ?? "").utf8)
                let payload = try Forger.decoded(token.split(separator: ".")[1])
                guard case .string(let subject)? = payload["sub"],
                    case .string(let session)? = payload["sid"]
                else { throw Failure("\(payload)") }
                self.subject = subject
                self.session = session
            }

            func payload(
                issuer: String = "souk", expiresIn seconds: Int = 600, subject: String? = nil,
                session: String? = nil
            ) -> String {
                let now = Int(Date().timeIntervalSince1970)
                return
                    #"""
                    {"iss":"\#(issuer)","sub":"\#(subject ?? self.subject)",\#
                    "sid":"\#(session ?? self.session)","iat":\#(now),\#
                    "exp":\#(now + seconds)}
                    """#
            }

            /// Signs with HMAC-SHA-256, whatever `header` says (RFC 7515 section 7.1).
            func token(
                header: String = #"{"alg":"HS256","typ":"JWT"}"#, _ payload: String,
                key: [UInt8]? = nil
            ) -> String {
                let text =
                    Forger.encoded(Array(header.utf8)) + "." + Forger.encoded(Array(payload.utf8))
                return text + "." + Forger.encoded(Forger.signature(of: text, key ?? secret))
            }

            private static func signature(of text: String, _ key: [UInt8]) -> [UInt8] {
                var state = crypto_auth_hmacsha256_state()
                var signature = [UInt8](repeating: 0, count: 32)
                let bytes = Array(text.utf8)
                crypto_auth_hmacsha256_init(&state, key, key.count)
                crypto_auth_hmacsha256_update(&state, bytes, UInt64(bytes.count))
                crypto_auth_hmacsha256_final(&state, &signature)
                return signature
            }

            static func encoded(_ bytes: [UInt8]) -> String {
                Data(bytes).base64EncodedString().replacing("+", with: "-")
                    .replacing("/", with: "_").replacing("=", with: "")
            }

            private static func decoded(_ text: Substring) throws -> JSON {
                let standard = text.replacing("-", with: "+").replacing("_", with: "/")
                let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
                return try JSON(parsing: Array(Data(base64Encoded: standard + padding) ?? Data()))
            }
        }

        /// Tokens that are wrong in one way: a name, the code of the problem, and the token.
        private func wrongTokens(_ forger: Forger, _ own: String) -> [(String, String, String)] {
            let parts = own.split(separator: ".").map(String.init)
            let good = forger.payload()
            let none = Forger.encoded(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
            return [
                ("alg none", "token_invalid", "\(none).\(parts[1])."),
                (
                    "alg none, signed", "token_invalid",
                    forger.token(header: #"{"alg":"none"}"#, good)
                ),
                (
                    "alg HS512", "token_invalid",
                    forger.token(header: #"{"alg":"HS512","typ":"JWT"}"#, good)
                ),
                (
                    "alg RS256", "token_invalid",
                    forger.token(header: #"{"alg":"RS256","typ":"JWT"}"#, good)
                ),
                ("no alg", "token_invalid", forger.token(header: #"{"typ":"JWT"}"#, good)),
                (
                    "another key", "token_invalid",
                    forger.token(good, key: Array(repeating: 7, count: 64))
                ),
                ("an empty key", "token_invalid", forger.token(good, key: [])),
                ("expired", "token_expired", forger.token(forger.payload(expiresIn: -1))),
                ("another issuer", "token_invalid", forger.token(forger.payload(issuer: "bazaar"))),
                ("no claims", "token_invalid", forger.token("{}")),
                (
                    "no expiry", "token_expired",
                    forger.token(
                        #"{"iss":"souk","sub":"\#(forger.subject)","sid":"\#(forger.session)"}"#)
                ),
                (
                    "another session", "session_ended",
                    forger.token(forger.payload(session: "999999"))
                ),
                ("another's session", "session_ended", forger.token(forger.payload(subject: "4"))),
                ("no signature", "token_invalid", parts[0] + "." + parts[1]),
                (
                    "a changed payload", "token_invalid",
                    parts[0] + "." + Forger.encoded(Array(forger.payload(subject: "4").utf8)) + "."
                        + parts[2]
                ),
                ("not base64", "token_invalid", "a.b.c"),
                ("dots", "token_invalid", "..."),
                ("one long word", "token_invalid", String(repeating: "a", count: 4000)),
            ]
        }

        @Test func onlyTokensOfTheShopAreValid() throws {
            let shop = try SharedShop.shop
            let ada = try SharedShop.demo("ada")
            let own = ada.token ?? ""
            let forger = try Forger(shop, with: own)
            // A correctly forged token is accepted, so the following ones are rejected for their
            // one fault.
            let good = forger.token(forger.payload())
            for target in AtOnceTests.calls {
                let target = target.replacing("CALLER", with: "ada")
                try Visitor(port: shop.port, token: good).send("GET", target).expect(200)
            }

            for (name, code, token) in wrongTokens(forger, own) {
                for target in ["/customers/ada", "/inventory", "/sales", "/reviews"] {
                    let answer = try Visitor(port: shop.port, token: token).send("GET", target)
                    answer.expectProblem(401, code)
                    #expect(answer["WWW-Authenticate"]?.contains("Bearer") == true, "\(name)")
                    #expect(answer.status == 401, "\(name) \(target)")
                }
            }
        }

        @Test(arguments: [
            "Basic YWRhOmFkYQ==", "Bearer", "Bearer ", "bearer  x", "Token x", "Bearer a b",
        ])
        func anotherScheme(authorization: String) throws {
            let answer = try SharedShop.shop.visitor().send(
                "GET", "/inventory", fields: [("Authorization", authorization)])
            answer.expectProblem(401, "token_invalid")
        }
    }
}
