import Customers
import HTTP
import Service
import Storage
import TestShop
import Testing
import Values

/// Second factors after a rotation of the shop's key, which encrypts their secrets.
@Suite struct SecondFactorKeyTests {
    let fixture: KeyRotationFixture
    let secret: String
    let recoveryCodes: [String]

    /// Enrols ada in a responder that reads the key file.
    init() throws {
        fixture = try KeyRotationFixture()
        let responder = try fixture.responder()
        let token = try #require(try responder.login().json["access_token"]?.text)
        let made = responder.send(
            .post, "/customers/ada/totp", #"{"current_password":"\#(TestShop.password)"}"#,
            token: token)
        secret = try #require(try made.json["secret"]?.text, "\(made.text)")
        let code = try TestShop.code(for: secret, at: .now())
        let confirmed = responder.send(
            .post, "/customers/ada/totp/confirm", #"{"code":"\#(code)"}"#, token: token)
        recoveryCodes = try confirmed.json["recovery_codes"]?.elements.compactMap(\.text) ?? []
        try #require(recoveryCodes.count == 10, "\(confirmed.text)")
        fixture.pass(seconds: 60)
    }

    private var now: Instant { Instant.now().adding(seconds: fixture.clock.withLock { $0 }) }

    private func login(_ responder: Responder, _ more: String) -> Response {
        responder.send(
            .post, "/customers/login",
            #"{"username":"ada","password":"\#(TestShop.password)",\#(more)}"#)
    }

    private func loginWithCode(_ responder: Responder) throws -> Response {
        login(responder, #""code":"\#(try TestShop.code(for: secret, at: now))""#)
    }

    private func sealed() throws -> String {
        try fixture.shop.value("SELECT secret AS value FROM second_factors")
    }

    /// A running responder notices the rotation, and a login encrypts the secret again.
    @Test func aLoginEncryptsAgain() throws {
        let responder = try fixture.responder()
        let before = try sealed()
        try fixture.rotate()
        #expect(try loginWithCode(responder).status.code == 200)
        let after = try sealed()
        #expect(after != before)
        // Then the former key is not needed any more.
        fixture.pass(seconds: 90_000)
        #expect(try loginWithCode(fixture.responder()).status.code == 200)
        #expect(try sealed() == after)
    }

    @Test func theRotationEncryptsAllAgain() throws {
        try fixture.rotate()
        let shop = Shop(
            currency: "USD", keys: try fixture.file.ring(), accessTokenSeconds: 900,
            refreshTokenSeconds: 900, throttlesLogins: true)
        #expect(try resealSecondFactors(of: shop, at: .now(), on: fixture.shop.store) == 1)
        #expect(try resealSecondFactors(of: shop, at: .now(), on: fixture.shop.store) == 0)
        fixture.pass(seconds: 90_000)
        #expect(try loginWithCode(fixture.responder()).status.code == 200)
    }

    /// Without its key a code fails with an error that is logged; a recovery code still works.
    @Test func aLostKeyLeavesTheRecoveryCodes() throws {
        try fixture.rotate()
        fixture.pass(seconds: 90_000)
        let responder = try fixture.responder()
        #expect(try loginWithCode(responder).status.code == 500)
        let answer = login(responder, #""recovery_code":"\#(recoveryCodes[0])""#)
        #expect(answer.status.code == 200)
    }
}
