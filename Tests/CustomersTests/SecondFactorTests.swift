import Customers
import HTTP
import Service
import Storage
import TestShop
import Testing

/// The second factor: enrolment, logins with a code or a recovery code, and removal.
@Suite struct SecondFactorTests {
    static let target = "/customers/ada/totp"
    static let password = #""current_password":"correct horse""#

    /// A login of ada with more members in its body.
    private func login(_ shop: TestShop, _ more: String = "", as name: String = "ada") throws
        -> Response
    {
        try shop.send(
            .post, "/customers/login",
            #"{"username":"\#(name)","password":"correct horse"\#(more)}"#)
    }

    @Test func isInForceOnceConfirmed() throws {
        let shop = try TestShop()
        let made = try shop.send(.post, Self.target, as: "ada", "{\(Self.password)}")
        #expect(made.status.code == 201)
        let secret = try #require(try made.json["secret"]?.text)
        #expect(
            try made.json["otpauth_uri"]?.text
                == "otpauth://totp/Souk:ada?secret=\(secret)&issuer=Souk&algorithm=SHA1&digits=6&period=30"
        )
        #expect(try login(shop).status.code == 200)
        let wrong = try shop.send(
            .post, "\(Self.target)/confirm", as: "ada", #"{"code":"000000"}"#)
        #expect(try wrong.code == "code_invalid")
        #expect(try login(shop).status.code == 200)
        let code = try shop.code(for: secret)
        let confirmed = try shop.send(
            .post, "\(Self.target)/confirm", as: "ada", #"{"code":"\#(code)"}"#)
        #expect(confirmed.status.code == 200)
        #expect(try confirmed.json["recovery_codes"]?.elements.count == 10)
        #expect(try login(shop).code == "totp_required")
        #expect(try shop.breaches() == [])
    }

    @Test func aCodeWorksOnce() throws {
        let shop = try TestShop()
        let secret = try shop.enroll("ada").secret
        func login(_ code: String) throws -> Response {
            try self.login(shop, #","code":"\#(code)""#)
        }
        // The code of the confirmation is used up.
        #expect(try login(shop.code(for: secret)).code == "invalid_credentials")
        let next = try shop.code(for: secret, steps: 1)
        #expect(try login(next).status.code == 200)
        #expect(try login(next).code == "invalid_credentials")
        // An earlier code is void after a later one.
        #expect(try login(shop.code(for: secret)).code == "invalid_credentials")
        shop.clock.pass(seconds: 60)
        #expect(try login(shop.code(for: secret, steps: 2)).code == "invalid_credentials")
        #expect(try login(shop.code(for: secret)).status.code == 200)
    }

    /// A hash of the password with the lowest cost, so that 50 logins do not occupy the hash queue.
    static let quickHash = """
        $argon2id$v=19$m=8,t=1,p=1$U1G6x88sy/0Rs96wvZSvFA$L9yhOYmMDac8NPt2IlMq+yEuwWaeYUNEA3RxTFHDk5s
        """

    /// Of 50 logins with the same code, one succeeds; the same holds for a recovery code.
    @Test func aCodeWorksOnceUnderConcurrency() throws {
        let shop = try TestShop(throttlesLogins: false)
        // A name of its own, because the hash queue has few places for a name, also for other tests.
        let name = "rushed"
        try Scenario.Step(
            .post, "/customers",
            #"{"username":"\#(name)","password":"correct horse","full_name":"R"}"#
        ).succeeds(in: shop)
        let (secret, recovery) = try shop.enroll(name)
        try shop.store.write { tx in
            try tx.run(
                "UPDATE customers SET password_hash = \(Self.quickHash) WHERE username = \(name)")
        }
        shop.clock.pass(seconds: 30)
        let code = try shop.code(for: secret)
        for more in [#","code":"\#(code)""#, #","recovery_code":"\#(recovery[0])""#] {
            let codes = atOnce(50) { _ in try? login(shop, more, as: name).status.code }
            #expect(codes.count { $0 == 200 } == 1)
            // 503: a name may hold only a quarter of the places in the hash queue.
            #expect(codes.allSatisfy { [200, 401, 503].contains($0) })
        }
        #expect(try shop.breaches() == [])
    }

    @Test func aRecoveryCodeWorksOnce() throws {
        let shop = try TestShop()
        let codes = try shop.enroll("ada").recoveryCodes
        #expect(Set(codes).count == 10)
        let typed = codes[3].uppercased().replacing("-", with: " ")
        #expect(try login(shop, #","recovery_code":"\#(typed)""#).status.code == 200)
        #expect(
            try login(shop, #","recovery_code":"\#(codes[3])""#).code == "invalid_credentials")
        #expect(try login(shop, #","recovery_code":"\#(codes[4])""#).status.code == 200)
        let left = try shop.send(.get, "/customers/ada/export", as: "ada")
        #expect(try left.json["second_factor"]?["unused_recovery_codes"] == 8)
    }

    /// Below 112 bits, their hashes would have to be slow (OWASP ASVS 6.5.2).
    @Test func recoveryCodesHave120Bits() throws {
        // 24 letters of an alphabet of 32, without 0, 1, l and o.
        for code in try TestShop().enroll("ada").recoveryCodes {
            let form = #/[2-9a-km-np-z]{4}(-[2-9a-km-np-z]{4}){5}/#
            #expect(code.wholeMatch(of: form) != nil, "\(code)")
        }
    }

    /// Wrong codes lock the name like wrong passwords.
    ///
    /// A login with the right password and without a code counts nothing, and resets nothing.
    @Test func wrongCodesCountTowardsTheLock() throws {
        let shop = try TestShop()
        _ = try shop.enroll("ada")
        for _ in 1...4 {
            #expect(try login(shop, #","code":"000000""#).code == "invalid_credentials")
        }
        for _ in 1...3 { #expect(try login(shop).code == "totp_required") }
        #expect(try login(shop, #","code":"000000""#).code == "invalid_credentials")
        #expect(try login(shop, #","code":"000000""#).code == "login_locked")
    }

    /// A login in two steps after earlier failures: the first step does not lock the second one.
    @Test func aPasswordWithoutItsCodeIsNoFailure() throws {
        let shop = try TestShop()
        let secret = try shop.enroll("ada").secret
        for _ in 1...6 {
            #expect(try shop.login("ada", "wrong horse").code == "invalid_credentials")
            shop.clock.pass(seconds: 2)
        }
        for _ in 1...3 { #expect(try login(shop).code == "totp_required") }
        #expect(try login(shop, #","code":"000000""#).code == "invalid_credentials")
        #expect(try login(shop).field("Retry-After") == "4")
        shop.clock.pass(seconds: 4)
        #expect(try login(shop).code == "totp_required")
        let code = try shop.code(for: secret, steps: 1)
        #expect(try login(shop, #","code":"\#(code)""#).status.code == 200)
    }

    /// A stolen access token does not allow more guesses than a login.
    @Test func wrongCodesOfAConfirmationCountTowardsTheLock() throws {
        let shop = try TestShop()
        let made = try shop.send(.post, Self.target, as: "ada", "{\(Self.password)}")
        let secret = try #require(try made.json["secret"]?.text)
        @Sendable func confirm(_ code: String) throws -> Response {
            try shop.send(
                .post, "\(Self.target)/confirm", as: "ada", #"{"code":"\#(code)"}"#)
        }
        _ = try shop.token(of: "ada")
        let codes = atOnce(20) { _ in try? confirm("000000").code }
        #expect(codes.count { $0 == "code_invalid" } == 5)
        #expect(codes.count { $0 == "login_locked" } == 15)
        #expect(try confirm(shop.code(for: secret)).code == "login_locked")
        #expect(try login(shop).code == "login_locked")
        shop.clock.pass(seconds: 1)
        #expect(try confirm(shop.code(for: secret)).status.code == 200)
        #expect(try shop.breaches() == [])
    }

    /// The answer does not reveal a second factor to a client that does not know the password.
    @Test func aWrongPasswordComesFirst() throws {
        let shop = try TestShop()
        _ = try shop.enroll("ada")
        let answer = try shop.send(
            .post, "/customers/login", #"{"username":"ada","password":"wrong"}"#)
        #expect(try answer.code == "invalid_credentials")
    }

    @Test func storesNoSecretInTheClear() throws {
        let shop = try TestShop()
        let (secret, codes) = try shop.enroll("ada")
        let rows = try shop.dump().joined(separator: "\n")
        for text in codes + codes.map({ $0.replacing("-", with: "") }) + [secret] {
            #expect(!rows.contains(text))
        }
        // 24 bytes of nonce, 16 of authentication and 20 of the secret, in base64url.
        let sealed: String = try shop.value("SELECT secret AS value FROM second_factors")
        #expect(sealed.utf8.count == 80)
        let export = try shop.send(.get, "/customers/ada/export", as: "ada")
        #expect(!export.text.contains(secret) && !export.text.contains(sealed))
    }

    @Test func isRemovedWithPasswordAndCode() throws {
        let shop = try TestShop()
        let (secret, codes) = try shop.enroll("ada")
        func remove(_ body: String) throws -> Response {
            try shop.send(.delete, Self.target, as: "ada", body)
        }
        let next = try shop.code(for: secret, steps: 1)
        let wrong = try remove(#"{"current_password":"wrong","code":"\#(next)"}"#)
        #expect(wrong.status.code == 403)
        #expect(try wrong.code == "invalid_credentials")
        #expect(try remove("{\(Self.password),\"code\":\"000000\"}").code == "code_invalid")
        #expect(try remove("{\(Self.password)}").code == "invalid_request")
        #expect(try remove("{\(Self.password),\"code\":\"\(next)\"}").status.code == 204)
        #expect(try remove("{\(Self.password),\"code\":\"\(next)\"}").code == "totp_not_found")
        #expect(try login(shop).status.code == 200)
        let again = try shop.enroll("ada")
        #expect(again.secret != secret && Set(again.recoveryCodes).isDisjoint(with: codes))
        let body = "{\(Self.password),\"recovery_code\":\"\(again.recoveryCodes[0])\"}"
        #expect(try remove(body).status.code == 204)
        let left: Int64 = try shop.value("SELECT COUNT(*) AS value FROM recovery_codes")
        #expect(left == 0)
    }

    /// Only one of many confirmations returns recovery codes.
    @Test func isConfirmedOnce() throws {
        let shop = try TestShop()
        let made = try shop.send(.post, Self.target, as: "ada", "{\(Self.password)}")
        let code = try shop.code(for: made.json["secret"]?.text ?? "")
        let codes = atOnce(20) { _ in
            try? shop.send(.post, "\(Self.target)/confirm", as: "ada", #"{"code":"\#(code)"}"#)
                .status.code
        }
        #expect(codes.count { $0 == 200 } == 1)
        #expect(codes.count { $0 == 409 } == 19)
        let stored: Int64 = try shop.value("SELECT COUNT(*) AS value FROM recovery_codes")
        #expect(stored == 10)
        let again = try shop.send(.post, Self.target, as: "ada", "{\(Self.password)}")
        #expect(try again.code == "totp_enabled")
    }

    @Test func erasureRemovesIt() throws {
        let shop = try TestShop()
        _ = try shop.enroll("ben")
        try Scenario.Step(.delete, "/customers/ben", as: "ben").succeeds(in: shop)
        let left: Int64 = try shop.value("SELECT COUNT(*) AS value FROM second_factors")
        #expect(left == 0)
        #expect(try shop.breaches() == [])
    }

    @Test func theOperatorResetsIt() throws {
        let shop = try TestShop()
        _ = try shop.enroll("ada")
        try resetTotp(of: "ada", at: shop.clock.now, on: shop.store)
        #expect(try login(shop).status.code == 200)
        #expect(throws: Problem.self) {
            try resetTotp(of: "ada", at: shop.clock.now, on: shop.store)
        }
        let log = try shop.send(.get, "/customers/audit?username=ada", as: "adil")
        #expect(try log.json["data"]?[0]?["action"] == "reset_totp")
    }
}
