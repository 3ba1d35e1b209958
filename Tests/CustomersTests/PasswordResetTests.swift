import Customers
import HTTP
import Outbox
import Storage
import TestShop
import Testing

/// When the token of a password reset ends, and what a reset lifts.
@Suite struct PasswordResetTests {
    private static func reset(_ body: String) -> Scenario.Step {
        .init(.post, "/customers/password-resets", body)
    }

    /// A shop in which ada has a verified address and the token of a reset.
    private func requested() throws -> (shop: TestShop, token: String) {
        let shop = try TestShop()
        try shop.verifyAddress("ada@example.com")
        try shop.expect(Self.reset(#"{"username":"ada"}"#), 202)
        try shop.deliverResets()
        return (shop, try shop.mailedToken(.passwordReset))
    }

    @Test("a token expires after 15 minutes")
    func expires() throws {
        for (seconds, status) in [(899, 204), (900, 422)] as [(Int64, Int)] {
            let (shop, token) = try requested()
            shop.clock.pass(seconds: seconds)
            try shop.expect(shop.complete(token), status)
        }
    }

    @Test("a reset lifts the login lock")
    func liftsTheLock() throws {
        let (shop, token) = try requested()
        for _ in 1...5 { _ = try shop.login("ada", "wrong horse") }
        #expect(try shop.login("ada").code == "login_locked")
        try shop.expect(shop.complete(token), 204)
        #expect(try shop.login("ada", "a new horse").status == .ok)
    }

    @Test("a token is void after a change of the address that it was sent to")
    func isVoidAfterAChangeOfTheAddress() throws {
        for address in ["null", #""new@example.com""#] {
            let (shop, token) = try requested()
            try shop.expect(
                .init(.patch, "/customers/ada", as: "ada", #"{"email":\#(address)}"#), 200)
            try shop.expect(shop.complete(token), 422)
        }
    }

    @Test("a token is void after another address was verified")
    func isVoidAfterAVerification() throws {
        let shop = try TestShop()
        try shop.verifyAddress("ada@example.com")
        try shop.expect(
            .init(.patch, "/customers/ada", as: "ada", #"{"email":"new@example.com"}"#), 200)
        try shop.expect(Self.reset(#"{"email":"ada@example.com"}"#), 202)
        try shop.deliverResets()
        let token = try shop.mailedToken(.passwordReset)
        try shop.expect(shop.verify(shop.mailedToken(.emailVerification)), 204)
        try shop.expect(shop.complete(token), 422)
    }

    @Test("tokens are deleted after a day")
    func prunes() throws {
        let (shop, _) = try requested()
        func prune() throws -> Int {
            try shop.store.write {
                try pruneOneTimeTokens(at: shop.clock.now, atMost: 1, in: $0)
            }
        }
        shop.clock.pass(seconds: 86_399)
        #expect(try prune() == 0)
        shop.clock.pass(seconds: 1)
        // One of the verification and one of the reset.
        #expect(try (1...3).map { _ in try prune() } == [1, 1, 0])
        let left: Int64 = try shop.value("SELECT COUNT(*) AS value FROM one_time_tokens")
        #expect(left == 0)
    }

    /// Whatever has changed the address.
    @Test("a token is valid for the address that it was sent to only")
    func isBoundToTheAddress() throws {
        for assignment in [
            "email = 'eve@example.com', email_key = 'eve@example.com'",
            "email_verified_at = NULL",
        ] as [SQL] {
            let (shop, token) = try requested()
            try shop.store.write {
                try $0.run("UPDATE customers SET \(assignment) WHERE username = 'ada'")
            }
            try shop.expect(shop.complete(token), 422)
            #expect(try shop.login("ada").status == .ok)
        }
    }
}
