import HTTP
import Storage
import TestShop
import Testing

@Suite struct RefreshGraceTests {
    @Test func givesTheSameSuccessorAgainForTenSeconds() throws {
        let shop = try TestShop()
        let session = try shop.signIn("ada")
        let first = try Tokens(shop.refresh(session.refresh))
        #expect(first.refresh != session.refresh)
        for _ in 0..<3 {
            shop.clock.pass(seconds: 3)
            let again = try Tokens(shop.refresh(session.refresh))
            #expect(again.refresh == first.refresh)
            #expect(try shop.status(of: again, "ada") == 200)
        }
        let next = try Tokens(shop.refresh(first.refresh))
        #expect(try shop.status(of: next, "ada") == 200)
        #expect(try shop.breaches() == [])
    }

    @Test func endsTheSessionAfterTenSeconds() throws {
        let shop = try TestShop()
        let (session, other) = (try shop.signIn("ada"), try shop.signIn("ada"))
        let first = try Tokens(shop.refresh(session.refresh))
        shop.clock.pass(seconds: 10)
        let reuse = try shop.refresh(session.refresh)
        #expect(reuse.status.code == 401)
        #expect(try reuse.code == "session_ended")
        #expect(reuse.field("WWW-Authenticate") != nil)
        #expect(try shop.status(of: first, "ada") == 401)
        #expect(try shop.refresh(first.refresh).status.code == 401)
        #expect(try shop.status(of: other, "ada") == 200)
        #expect(try shop.breaches() == [])
    }

    @Test func endsTheSessionOnceTheSuccessorWasUsed() throws {
        let shop = try TestShop()
        let session = try shop.signIn("ada")
        let first = try Tokens(shop.refresh(session.refresh))
        let second = try Tokens(shop.refresh(first.refresh))
        #expect(try shop.refresh(session.refresh).code == "session_ended")
        for pair in [session, first, second] {
            #expect(try shop.status(of: pair, "ada") == 401)
            #expect(try shop.refresh(pair.refresh).code == "session_ended")
        }
    }

    @Test func aDryRunDoesNotUseTheToken() throws {
        let shop = try TestShop()
        let session = try shop.signIn("ada")
        let before = try shop.contents()
        let dry = try shop.refresh(session.refresh, query: "?dry_run=true")
        #expect(dry.status.code == 422)
        #expect(try dry.faults == ["dry_run"])
        #expect(try shop.contents() == before)
        shop.clock.pass(seconds: 60)
        #expect(try shop.refresh(session.refresh).status.code == 200)
    }

    @Test func storesNoToken() throws {
        let shop = try TestShop()
        let session = try shop.signIn("ada")
        let first = try Tokens(
            shop.send(
                .post, "/customers/refresh", #"{"refresh_token":"\#(session.refresh)"}"#,
                fields: .key("once")))
        let contents = "\(try shop.contents())"
        for secret in [session, first].flatMap({ [$0.access, $0.refresh] }) {
            #expect(!contents.contains(secret))
        }
        #expect(try shop.contents()["idempotency_keys"] == [])
        // 256 bits in base64url.
        for token in [session.refresh, first.refresh] { #expect(token.utf8.count == 43) }
    }

    @Test func lasts30DaysFromTheLastUse() throws {
        let shop = try TestShop()
        var session = try shop.signIn("ada")
        for _ in 0..<3 {
            shop.clock.pass(seconds: 2_591_999)
            session = try Tokens(shop.refresh(session.refresh))
        }
        shop.clock.pass(seconds: 2_592_000)
        #expect(try shop.refresh(session.refresh).code == "session_ended")
    }

    @Test func returnsOneSuccessorToConcurrentRequests() throws {
        for _ in 0..<10 {
            let shop = try TestShop()
            let beside = try TestShop(beside: shop)
            let session = try shop.signIn("ada")
            let answers = Answers(count: 8)
            onThreads(8) { number in
                answers.note(number) {
                    try (number % 2 == 0 ? shop : beside).refresh(session.refresh)
                }
            }
            let pairs = try answers.all.map { try Tokens(#require($0)) }
            #expect(Set(pairs.map(\.refresh)).count == 1)
            let tokens: Int64 = try shop.value("SELECT COUNT(*) AS value FROM refresh_tokens")
            #expect(tokens == 2)
            #expect(try shop.status(of: pairs[7], "ada") == 200)
        }
    }

    static let rows = [
        Scenario(
            "rejects an unknown token",
            .init(.post, "/customers/refresh", #"{"refresh_token":"x"}"#), gives: 401,
            code: "session_ended"),
        Scenario(
            "rejects an access token", .init(.post, "/customers/refresh", #"{"refresh_token":7}"#),
            gives: 422, code: "invalid_request"),
        Scenario(
            "rejects a token that is too long",
            .init(
                .post, "/customers/refresh",
                #"{"refresh_token":"\#(String(repeating: "x", count: 201))"}"#), gives: 422,
            code: "invalid_request"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }
}
