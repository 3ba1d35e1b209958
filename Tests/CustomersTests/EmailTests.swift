import Customers
import HTTP
import Outbox
import Service
import Storage
import TestShop
import Testing

/// Addresses, their verification and the reset of a password.
@Suite struct EmailTests {
    static func register(_ address: String, _ name: String = "eve") -> Scenario.Step {
        .init(
            .post, "/customers",
            #"{"username":"\#(name)","password":"correct horse","full_name":"Eve","#
                + #""email":"\#(address)"}"#
        )
    }
    static func change(_ email: String, as name: String = "ada") -> Scenario.Step {
        .init(.patch, "/customers/\(name)", as: name, #"{"email":\#(email)}"#)
    }
    static let again = Scenario.Step(
        .post, "/customers/ada/email-verification", as: "ada")
    static func reset(_ body: String) -> Scenario.Step {
        .init(.post, "/customers/password-resets", body)
    }

    static let rows = [
        Scenario(
            "a registration with an address", register("Eve@Example.com"), gives: 201,
            shows: #"{"email":"Eve@Example.com","email_verified":false,"pending_email":null}"#),
        Scenario(
            "an address of another account in another case", after: [register("eve@example.com")],
            register("EVE@example.com", "mallory"), gives: 409, code: "email_taken"),
        Scenario(
            "a change to a taken address", after: [register("eve@example.com")],
            change(#""eve@example.COM""#), gives: 409, code: "email_taken"),
        Scenario(
            "a new address", change(#""ada@example.com""#), gives: 200,
            shows: #"{"email":"ada@example.com","email_verified":false}"#),
        Scenario(
            "no address", after: [change(#""ada@example.com""#)], change("null"), gives: 200,
            shows: #"{"email":null,"email_verified":false}"#),
        Scenario(
            "a message again", after: [change(#""ada@example.com""#)], again, gives: 202,
            shows: #"{"status":"accepted"}"#),
        Scenario(
            "an address that staff give to a customer",
            .init(.patch, "/customers/ada", as: "sami", #"{"email":"sami@example.com"}"#),
            gives: 403, code: "forbidden"),
        Scenario("a message to no address", again, gives: 409, code: "email_verified"),
        Scenario(
            "a fourth message within an hour",
            after: [change(#""ada@example.com""#), again, again], again, gives: 429,
            code: "too_many_messages"),
        Scenario(
            "a message for another customer",
            .init(.post, "/customers/ada/email-verification", as: "sami"), gives: 403,
            code: "forbidden"),
        Scenario(
            "a reset without a name", reset("{}"), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"email"}]}"#),
        Scenario(
            "a reset with two names", reset(#"{"username":"ada","email":"ada@example.com"}"#),
            gives: 422, code: "invalid_request"),
        Scenario("a reset for nobody", reset(#"{"username":"nobody"}"#), gives: 202),
        Scenario(
            "an unknown token",
            .init(.post, "/customers/verify-email", #"{"token":"x"}"#), gives: 422,
            code: "token_invalid"),
        Scenario(
            "a reset with an unknown token",
            .init(
                .post, "/customers/password-resets/complete",
                #"{"token":"x","new_password":"a new horse"}"#), gives: 422,
            code: "token_invalid"),
        Scenario(
            "a weak password",
            .init(
                .post, "/customers/password-resets/complete",
                #"{"token":"x","new_password":"password"}"#), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"new_password"}]}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test(
        "addresses that are rejected",
        arguments: [
            "ada", "@example.com", "ada@", "a da@example.com", "ada@@example.com",
            "=?utf-8?q?ada?=@example.com", "ada@=?example.com",
            "ada@example.com\\r\\nBcc: eve@example.com", "ada@example,com", "<ada@example.com>",
            "ada@.example.com", "ada@example.com.", "ada@example..com", "ada@exämple.com",
            "zoë@example.com", "\\\"ada\\\"@example.com", "ada(x)@example.com", "ada@[192.0.2.1]",
            "a;da@example.com", "a:da@example.com", "a\\\\da@example.com", "ada@example.com\\t",
            "\\u0000@example.com",
            String(repeating: "a", count: 65) + "@example.com",
            "a@" + String(repeating: "b", count: 253),
        ])
    func rejects(address: String) throws {
        let response = try TestShop().send(Self.change(#""\#(address)""#))
        #expect(response.status == .unprocessableContent, "\(response.text)")
    }

    @Test("a token verifies the address once, and a newer one voids it")
    func verifies() throws {
        let shop = try TestShop()
        try shop.expect(Self.change(#""ada@example.com""#), 200)
        let first = try shop.mailedToken(.emailVerification)
        try shop.expect(Self.again, 202)
        let second = try shop.mailedToken(.emailVerification)
        #expect(first != second)
        try shop.expect(shop.verify(first), 422)
        try shop.expect(shop.verify(second), 204)
        try shop.expect(shop.verify(second), 422)
        let shown = try shop.send(.get, "/customers/ada", as: "ada")
        #expect(try shown.json["email_verified"] == .bool(true))
        try shop.expect(Self.again, 409)
    }

    @Test("a token expires after 24 hours")
    func expires() throws {
        let shop = try TestShop()
        try shop.expect(Self.change(#""ada@example.com""#), 200)
        let token = try shop.mailedToken(.emailVerification)
        shop.clock.pass(seconds: 24 * 60 * 60)
        try shop.expect(shop.verify(token), 422)
    }

    @Test("of 50 uses of a token at once, one succeeds")
    func isUsedOnce() throws {
        let shop = try TestShop()
        try shop.expect(Self.change(#""ada@example.com""#), 200)
        let token = try shop.mailedToken(.emailVerification)
        let codes = atOnce(50) { _ in try? shop.send(shop.verify(token)).status.code }
        #expect(codes.count { $0 == 204 } == 1)
        #expect(codes.count { $0 == 422 } == 49)
    }

    @Test("a verified address stays in force until its successor is verified, and gets a notice")
    func keepsTheOldAddress() throws {
        let shop = try TestShop()
        try shop.verifyAddress("ada@example.com")
        try shop.expect(Self.change(#""new@example.com""#), 200)
        let shown = try shop.send(.get, "/customers/ada", as: "ada")
        #expect(try shown.json["email"] == .string("ada@example.com"))
        #expect(try shown.json["pending_email"] == .string("new@example.com"))
        #expect(try shop.mails().contains("email-changed to ada@example.com"))
        try shop.expect(shop.verify(shop.mailedToken(.emailVerification)), 204)
        let later = try shop.send(.get, "/customers/ada", as: "ada")
        #expect(try later.json["email"] == .string("new@example.com"))
        #expect(try later.json["pending_email"] == .null)
    }

    @Test("a reset sets the password, ends the sessions and tells the customer")
    func resets() throws {
        let shop = try TestShop()
        try shop.verifyAddress("ada@example.com")
        let session = try shop.signIn("ada")
        try shop.expect(Self.reset(#"{"email":"ADA@example.com"}"#), 202)
        try shop.deliverResets()
        let token = try shop.mailedToken(.passwordReset)
        try shop.expect(shop.complete(token), 204)
        try shop.expect(shop.complete(token), 422)
        #expect(try shop.login("ada", "a new horse").status == .ok)
        #expect(try shop.login("ada", TestShop.password).status == .unauthorized)
        #expect(try shop.refresh(session.refresh).status == .unauthorized)
        #expect(try shop.mails().contains("password-changed to ada@example.com"))
    }

    @Test("a reset for an unverified, suspended or unknown account sends nothing")
    func tellsNothing() throws {
        let shop = try TestShop()
        try shop.expect(Self.change(#""ada@example.com""#), 200)
        try shop.verifyAddress("ben@example.com", of: "ben")
        try shop.expect(
            .init(.put, "/customers/ben/status", as: "adil", #"{"status":"suspended"}"#), 200)
        let before = try shop.mails()
        for body in [
            #"{"username":"ada"}"#, #"{"email":"ben@example.com"}"#, #"{"username":"nobody"}"#,
        ] {
            try shop.expect(Self.reset(body), 202)
        }
        try shop.deliverResets()
        #expect(try shop.mails() == before)
    }

    @Test("an account gets at most three reset messages an hour")
    func limitsResets() throws {
        let shop = try TestShop()
        try shop.verifyAddress("ada@example.com")
        let before = try shop.mails().count
        for _ in 0..<5 { try shop.expect(Self.reset(#"{"username":"ada"}"#), 202) }
        try shop.deliverResets()
        #expect(try shop.mails().count == before + 3)
    }

    @Test("a change of the password voids a reset token")
    func isVoidAfterAChange() throws {
        let shop = try TestShop()
        try shop.verifyAddress("ada@example.com")
        try shop.expect(Self.reset(#"{"username":"ada"}"#), 202)
        try shop.deliverResets()
        let token = try shop.mailedToken(.passwordReset)
        let body = #"{"current_password":"correct horse","new_password":"staple battery"}"#
        try shop.expect(.init(.post, "/customers/ada/password", as: "ada", body), 204)
        try shop.expect(shop.complete(token), 422)
    }

    @Test("a verified address hears of a login with another program, and not of the first login")
    func tellsOfNewDevices() throws {
        let shop = try TestShop()
        try shop.verifyAddress("ben@example.com", of: "ben")
        try shop.store.write { try $0.run("DELETE FROM refresh_tokens") }
        try shop.store.write { try $0.run("DELETE FROM sessions") }
        for (program, count) in [("one", 0), ("one", 0), ("two", 1), ("one", 1)] {
            let body = #"{"username":"ben","password":"correct horse"}"#
            try shop.expect(
                .init(.post, "/customers/login", body, fields: [.userAgent: program]), 200)
            #expect(try shop.mails().count { $0.hasPrefix("new-sign-in") } == count)
        }
    }

    @Test("the database holds no token, and an erasure leaves no address")
    func storesNoSecret() throws {
        let shop = try TestShop()
        try shop.verifyAddress("ben@secret.example", of: "ben")
        try shop.expect(Self.change(#""other@secret.example""#, as: "ben"), 200)
        let token = try shop.mailedToken(.emailVerification)
        #expect(try !"\(shop.contents())".contains(token))
        try shop.expect(.init(.delete, "/customers/ben", as: "adil"), 204)
        #expect(try !"\(shop.contents())".contains("secret.example"))
    }
}

extension TestShop {
    func expect(
        _ step: Scenario.Step, _ status: Int, at location: SourceLocation = #_sourceLocation
    ) throws {
        let response = try send(step)
        #expect(response.status.code == status, "\(response.text)", sourceLocation: location)
    }

    func verify(_ token: String) -> Scenario.Step {
        .init(.post, "/customers/verify-email", #"{"token":"\#(token)"}"#)
    }

    func complete(_ token: String) -> Scenario.Step {
        .init(
            .post, "/customers/password-resets/complete",
            #"{"token":"\#(token)","new_password":"a new horse"}"#)
    }

    func verifyAddress(_ address: String, of name: String = "ada") throws {
        try expect(
            .init(.patch, "/customers/\(name)", as: name, #"{"email":"\#(address)"}"#), 200)
        try expect(verify(mailedToken(.emailVerification)), 204)
    }

    private func mailJobs() throws -> [OutgoingMail] {
        let payloads: [String] = try store.read { tx in
            try tx.all("SELECT payload FROM jobs WHERE kind = 'mail' ORDER BY id") {
                try $0["payload"]
            }
        }
        return try payloads.map { try OutgoingMail(payload: $0) }
    }

    /// The waiting messages, each as `template to address`.
    func mails() throws -> [String] {
        try mailJobs().map { "\($0.template.rawValue) to \($0.to)" }
    }

    /// The token of the newest message.
    func mailedToken(_ template: MailTemplate) throws -> String {
        let sealed = try #require(try mailJobs().last { $0.template == template }?.token)
        return try #require(openedMailToken(sealed, by: shop, at: clock.now))
    }

    /// Does what the courier does with the requests for a reset.
    func deliverResets() throws {
        let payloads: [String] = try store.read { tx in
            try tx.all(
                "SELECT payload FROM jobs WHERE kind = \(passwordResetJobKind) ORDER BY id"
            ) { try $0["payload"] }
        }
        for payload in payloads {
            try store.write { [shop, clock] tx in
                try sendPasswordReset(payload, by: shop, at: clock.now, in: tx)
            }
        }
        try store.write { try $0.run("DELETE FROM jobs WHERE kind = \(passwordResetJobKind)") }
    }
}
