import Customers
import HTTP
import HTTPTypes
import Logging
import Service
import TestShop
import Testing

/// What the database stores about a session, and what it does not.
@Suite struct SessionTests {
    /// After every operation that handles a secret, the file contains none in plain text.
    @Test func keepsNoSecret() throws {
        let shop = try TestShop()
        let password = "a secret of zoe's"
        let key = HTTPFields.key("k")
        let made = try shop.send(
            .post, "/customers", as: nil,
            #"{"username":"zoe","password":"\#(password)","full_name":"Z"}"#, fields: key)
        #expect(made.status == .created)
        let first = try Tokens(try shop.login("zoe", password, fields: key))
        _ = try shop.login("zoe", "\(password) mistyped")
        let second = try Tokens(try shop.refresh(first.refresh))
        _ = try shop.send(.get, "/customers/zoe", with: second.access)
        let file = try shop.dump().joined(
            separator: "\n")
        #expect(file.contains("zoe"))
        for secret in [
            password, "mistyped", first.access, first.refresh, second.access, second.refresh,
            String(decoding: TestShop.secret, as: UTF8.self),
        ] {
            #expect(!file.contains(secret))
        }
        let hashes: Int64 = try shop.value("SELECT COUNT(*) AS value FROM refresh_tokens")
        #expect(hashes == 2)
        let kept: Int64 = try shop.value(
            "SELECT COUNT(*) AS value FROM refresh_tokens WHERE LENGTH(hash) = 43")
        #expect(kept == 2)
    }

    /// OWASP's first recommendation: 19 MiB, 2 passes, 1 lane.
    ///
    /// Each hash has its own salt.
    @Test func hashesPasswordsByArgon2id() throws {
        #expect(try hashPassword("the same one").hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        let usual = Shop(
            currency: "USD", keys: KeyRing([TestShop.secret]), accessTokenSeconds: 1,
            refreshTokenSeconds: 1, throttlesLogins: true)
        let shop = try TestShop(passwordCost: usual.passwordCost)
        for name in ["zoe", "zack"] {
            let made = try shop.send(
                .post, "/customers",
                #"{"username":"\#(name)","password":"the same one","full_name":"Z"}"#)
            #expect(made.status == .created)
        }
        let hashes = try ["zoe", "zack"].map { name -> String in
            try shop.value("SELECT password_hash AS value FROM customers WHERE username = \(name)")
        }
        for hash in hashes { #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"), "\(hash)") }
        #expect(Set(hashes).count == 2)
    }

    /// A session that expires without a refresh also ends its access token, even if that would live
    /// longer.
    @Test func endsItsAccessTokenWhenItExpires() throws {
        let shop = try TestShop()
        let clock = shop.clock
        let responder = Responder(
            Customers.routes(with: []),
            of: Shop(
                currency: "USD", keys: KeyRing([TestShop.secret]), accessTokenSeconds: 900,
                refreshTokenSeconds: 60, throttlesLogins: true),
            on: shop.store, authentication: Customers.authentication, clock: { clock.now },
            log: Logger(label: "test"))
        let tokens = try Tokens(
            responder.answer(
                Request(
                    method: .post, path: "/customers/login",
                    fields: [.contentType: "application/json"],
                    body: Array(#"{"username":"ada","password":"correct horse"}"#.utf8))))
        let look = Request(
            path: "/customers/ada", fields: [.authorization: "Bearer \(tokens.access)"])
        clock.pass(seconds: 59)
        #expect(responder.answer(look).status == .ok)
        clock.pass(seconds: 1)
        #expect(responder.answer(look).status == .unauthorized)
    }
}
