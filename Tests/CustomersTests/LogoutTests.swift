import HTTP
import TestShop
import Testing

@Suite struct LogoutTests {
    static let rows = [
        Scenario(
            "requires only the token", .init(.post, "/customers/logout", as: "ada"), gives: 204),
        Scenario("ignores a body", .init(.post, "/customers/logout", as: "ada", "{}"), gives: 204),
        Scenario(
            "rejects an anonymous caller", .init(.post, "/customers/logout"), gives: 401,
            code: "token_missing"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// It takes effect immediately in all four responders and on public routes, and ends no other
    /// session.
    @Test func endsThisSessionAlone() throws {
        let shop = try TestShop()
        let phone = try shop.session(of: "ada")
        let laptop = try shop.session(of: "ada")
        let ben = try shop.session(of: "ben")
        let left = try shop.send(.post, "/customers/logout", with: phone.access)
        #expect(left.status == .noContent)
        #expect(left.body.isEmpty)
        for target in ["/customers/ada", "/wishlist", "/sales", "/inventory/1", "/reviews"] {
            let response = try shop.send(.get, target, with: phone.access)
            #expect(response.status == .unauthorized)
            #expect(try response.code == "session_ended")
            #expect(try shop.send(.get, target, with: laptop.access).status == .ok)
        }
        #expect(try shop.refresh(phone.refresh).code == "session_ended")
        #expect(
            try shop.send(.post, "/customers/logout", with: phone.access).status == .unauthorized)
        #expect(try shop.refresh(laptop.refresh).status == .ok)
        #expect(try shop.send(.get, "/customers/ben", with: ben.access).status == .ok)
        #expect(try shop.breaches() == [])
    }

    @Test func aDryRunEndsNothing() throws {
        let shop = try TestShop()
        let tokens = try shop.session(of: "ada")
        let dry = try shop.send(.post, "/customers/logout?dry_run=true", with: tokens.access)
        #expect(dry.status == .noContent)
        #expect(try shop.send(.get, "/customers/ada", with: tokens.access).status == .ok)
    }
}
