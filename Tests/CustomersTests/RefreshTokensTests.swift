import Customers
import HTTP
import TestShop
import Testing

@Suite struct RefreshTokensTests {
    static let rows = [
        Scenario(
            "a token that never was",
            .init(
                .post, "/customers/refresh",
                #"{"refresh_token":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#), gives: 401,
            code: "session_ended"),
        Scenario(
            "a word", .init(.post, "/customers/refresh", #"{"refresh_token":"x"}"#), gives: 401,
            code: "session_ended"),
        Scenario(
            "nothing", .init(.post, "/customers/refresh", "{}"), gives: 422,
            code: "invalid_request",
            shows: #"{"errors":[{"field":"refresh_token","message":"is missing"}]}"#),
        Scenario(
            "null", .init(.post, "/customers/refresh", #"{"refresh_token":null}"#), gives: 422,
            code: "invalid_request"),
        Scenario(
            "a number, and more", .init(.post, "/customers/refresh", #"{"refresh_token":1,"x":2}"#),
            gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"refresh_token"},{"field":"x"}]}"#),
        Scenario(
            "no JSON", .init(.post, "/customers/refresh", "x"), gives: 400, code: "invalid_json"),
        Scenario(
            "no media type",
            .init(.post, "/customers/refresh", "{}", fields: [.contentType: "text/plain"]),
            gives: 415, code: "unsupported_media_type"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    private func isIn(_ tokens: Tokens, _ shop: TestShop) throws -> Bool {
        let response = try shop.send(.get, "/customers/ada", with: tokens.access)
        if response.status == .ok { return true }
        #expect(try response.code == "session_ended")
        return false
    }

    @Test func rotates() throws {
        let shop = try TestShop()
        var tokens = try shop.session(of: "ada")
        var seen: Set<String> = [tokens.refresh]
        for _ in 1...5 {
            shop.clock.pass(seconds: 600)
            let response = try shop.refresh(tokens.refresh)
            #expect(try response.json["token_type"] == .string("Bearer"))
            #expect(try response.json["expires_in"] == .integer(900))
            tokens = try Tokens(response)
            #expect(seen.insert(tokens.refresh).inserted)
            #expect(try isIn(tokens, shop))
        }
        let sessions: Int64 = try shop.value(
            "SELECT COUNT(*) AS value FROM sessions WHERE customer_id = 1")
        #expect(sessions == 1)
    }

    @Test(arguments: [1, 4]) func endsTheSessionAtASecondUse(rotations: Int) throws {
        let shop = try TestShop()
        let first = try shop.session(of: "ada")
        let other = try shop.session(of: "ada")
        var last = first
        for _ in 0..<rotations { last = try Tokens(try shop.refresh(last.refresh)) }
        #expect(try isIn(last, shop))
        shop.clock.pass(seconds: 11)
        let stolen = try shop.refresh(first.refresh)
        #expect(stolen.status == .unauthorized)
        #expect(try stolen.code == "session_ended")
        #expect(stolen.fields[.wwwAuthenticate] != nil)
        #expect(try !isIn(last, shop))
        #expect(try !isIn(first, shop))
        #expect(try shop.refresh(last.refresh).code == "session_ended")
        #expect(try shop.refresh(first.refresh).code == "session_ended")
        // Another session of the same customer is not affected.
        #expect(try isIn(other, shop))
        #expect(try shop.refresh(other.refresh).status == .ok)
        #expect(try shop.breaches() == [])
    }

    @Test func livesThirtyDaysFromItsLastUse() throws {
        let shop = try TestShop()
        let tokens = try shop.session(of: "ada")
        let forgotten = try shop.session(of: "ada")
        shop.clock.pass(seconds: 2_592_000 - 1)
        let next = try Tokens(try shop.refresh(tokens.refresh))
        shop.clock.pass(seconds: 1)
        #expect(try shop.refresh(forgotten.refresh).code == "session_ended")
        shop.clock.pass(seconds: 2_592_000 - 2)
        let last = try Tokens(try shop.refresh(next.refresh))
        shop.clock.pass(seconds: 2_592_000)
        let late = try shop.refresh(last.refresh)
        #expect(late.status == .unauthorized)
        #expect(try late.code == "session_ended")
    }

    @Test func rejectsSuspendedCustomers() throws {
        let shop = try TestShop()
        let tokens = try shop.session(of: "ada")
        _ = try setStatus(.suspended, of: "ada", at: shop.clock.now, on: shop.store)
        let response = try shop.refresh(tokens.refresh)
        #expect(response.status == .unauthorized)
        #expect(try response.code == "session_ended")
        _ = try setStatus(.active, of: "ada", at: shop.clock.now, on: shop.store)
        #expect(try shop.refresh(tokens.refresh).code == "session_ended")
    }

    @Test func rejectsAnAccessToken() throws {
        let shop = try TestShop()
        let tokens = try shop.session(of: "ada")
        #expect(try shop.refresh(tokens.access).status.kind == .clientError)
        #expect(try shop.send(.get, "/customers/ada", with: tokens.refresh).status == .unauthorized)
        #expect(try isIn(tokens, shop))
        #expect(try shop.refresh(tokens.refresh).status == .ok)
    }

    @Test func aDryRunDoesNotUseTheToken() throws {
        let shop = try TestShop()
        let tokens = try shop.session(of: "ada")
        // The new token would work: a thief could use it unnoticed.
        let dry = try shop.refresh(tokens.refresh, query: "?dry_run=true")
        #expect(dry.status == .unprocessableContent)
        #expect(try dry.json["errors"]?[0]?["field"] == .string("dry_run"))
        #expect(try shop.refresh(tokens.refresh).status == .ok)
    }

    /// A client that sends concurrent requests gets the same successor each time, never two that
    /// work.
    @Test func returnsAtMostOneSuccessor() throws {
        for _ in 1...4 {
            let shop = try TestShop()
            let tokens = try shop.session(of: "ada")
            let answers = atOnce(16) { _ in try? shop.refresh(tokens.refresh) }
            let winners = try answers.compactMap { $0 }.map(Tokens.init)
            #expect(winners.count == 16)
            #expect(Set(winners.map(\.refresh)).count == 1)
            let unused: Int64 = try shop.value(
                "SELECT COUNT(*) AS value FROM refresh_tokens WHERE used_at IS NULL")
            #expect(unused == 1)
            let next = try Tokens(try shop.refresh(winners[0].refresh))
            #expect(try isIn(next, shop))
            // After the successor was used, the first token counts as reused at any time.
            #expect(try shop.refresh(tokens.refresh).code == "session_ended")
            #expect(try !isIn(next, shop))
        }
    }
}
