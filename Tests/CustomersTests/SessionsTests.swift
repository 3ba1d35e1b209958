import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

@Suite struct SessionsTests {
    @Test func listsActiveSessions() throws {
        let shop = try TestShop()
        let old = try shop.signIn("ada", agent: "curl/7.88")
        shop.clock.pass(seconds: 60)
        let new = try shop.signIn("ada", agent: "Zoë's 📱 \(String(repeating: "x", count: 300))")
        _ = try shop.signIn("ben")
        shop.clock.pass(seconds: 60)
        let refreshed = try Tokens(shop.refresh(old.refresh))
        let list = try shop.send(.get, "/customers/ada/sessions", with: refreshed)
        #expect(list.status.code == 200)
        let sessions = try list.json["data"]?.elements ?? []
        #expect(sessions.map { $0["id"] } == [2, 1])
        #expect(sessions.map { $0["current"] } == [.bool(false), .bool(true)])
        #expect(sessions.map { $0["ip_address"] } == ["192.0.2.1", "192.0.2.1"])
        #expect(
            sessions.map { $0["created_at"] }
                == ["2026-11-18T11:07:40.000Z", "2026-11-18T11:06:40.000Z"])
        #expect(
            sessions.map { $0["last_seen_at"] }
                == ["2026-11-18T11:07:40.000Z", "2026-11-18T11:08:40.000Z"])
        #expect(
            sessions.map { $0["expires_at"] }
                == ["2026-12-18T11:07:40.000Z", "2026-12-18T11:08:40.000Z"])
        #expect(sessions[0]["user_agent"]?.text?.count == 200)
        #expect(sessions[0]["user_agent"]?.text?.hasPrefix("Zoë's 📱 xxx") == true)
        #expect(try list.json.members == ["data"])
        let again = try shop.send(.get, "/customers/ada/sessions", with: new)
        #expect(
            try again.json["data"]?.elements.map { $0["current"] } == [.bool(true), .bool(false)])
        let admins = try shop.send(.get, "/customers/ada/sessions", as: "adil")
        #expect(
            try admins.json["data"]?.elements.map { $0["current"] }
                == [.bool(false), .bool(false)])
    }

    @Test func endsOneByOne() throws {
        let shop = try TestShop()
        let beside = try TestShop(beside: shop)
        let (this, other) = (try shop.signIn("ada"), try shop.signIn("ada"))
        let bens = try shop.signIn("ben")
        let bad = try shop.send(.delete, "/customers/ada/sessions/3", with: this)
        #expect(try bad.code == "session_not_found")
        #expect(try shop.status(of: bens, "ben") == 200)
        let dry = try shop.send(.delete, "/customers/ada/sessions/2?dry_run=true", with: this)
        #expect(dry.status.code == 204)
        #expect(try beside.status(of: other, "ada") == 200)
        let ended = try shop.send(.delete, "/customers/ada/sessions/2", with: this)
        #expect(ended.status.code == 204 && ended.body.isEmpty)
        // It takes effect immediately, and in another process on the same file.
        let gone = try beside.send(.get, "/customers/ada", with: other)
        #expect(gone.status.code == 401)
        #expect(try gone.code == "session_ended")
        #expect(try shop.refresh(other.refresh).code == "session_ended")
        #expect(try beside.status(of: this, "ada") == 200)
        let again = try shop.send(.delete, "/customers/ada/sessions/2", with: this)
        #expect(try again.code == "session_not_found")
        let own = try shop.send(.delete, "/customers/ada/sessions/1", with: this)
        #expect(own.status.code == 204)
        #expect(try shop.status(of: this, "ada") == 401)
        #expect(try shop.breaches() == [])
    }

    @Test func endsAll() throws {
        let shop = try TestShop()
        let adas = [try shop.signIn("ada"), try shop.signIn("ada")]
        let bens = try shop.signIn("ben")
        let answer = try shop.send(.delete, "/customers/ada/sessions", with: adas[0])
        #expect(answer.status.code == 204)
        for session in adas {
            #expect(try shop.status(of: session, "ada") == 401)
            #expect(try shop.refresh(session.refresh).status.code == 401)
        }
        #expect(try shop.status(of: bens, "ben") == 200)
        let list = try shop.send(.get, "/customers/ada/sessions", as: "ada")
        #expect(try list.json["data"]?.elements.count == 1)
    }

    @Test func endsAnothersForAnAdmin() throws {
        let shop = try TestShop()
        let sessions = [try shop.signIn("ada"), try shop.signIn("ada"), try shop.signIn("ada")]
        try Scenario.Step(.delete, "/customers/ada/sessions/2", as: "adil").succeeds(in: shop)
        #expect(try sessions.map { try shop.status(of: $0, "ada") } == [200, 401, 200])
        try Scenario.Step(.delete, "/customers/ada/sessions", as: "adil").succeeds(in: shop)
        #expect(try sessions.map { try shop.status(of: $0, "ada") } == [401, 401, 401])
    }

    @Test func omitsExpiredSessions() throws {
        let shop = try TestShop()
        let old = try shop.signIn("ada")
        shop.clock.pass(seconds: 2_592_000)
        let new = try shop.signIn("ada")
        let list = try shop.send(.get, "/customers/ada/sessions", with: new)
        #expect(try list.json["data"]?.elements.map { $0["id"] } == [2])
        #expect(try shop.refresh(old.refresh).code == "session_ended")
        #expect(try shop.send(.get, "/customers/ada", with: old).code == "token_expired")
    }

    /// Without any logout, nothing of the sessions remains for a thief or on the disk.
    @Test func deletesExpiredSessions() throws {
        let shop = try TestShop()
        for _ in 1...5 { _ = try shop.refresh(shop.signIn("ada").refresh) }
        shop.clock.pass(seconds: 86_400)
        let live = try shop.signIn("ben")
        shop.clock.pass(seconds: 2_592_000 - 86_400)
        for _ in 1...3 { _ = try shop.signIn("mona") }
        let swept: Int64 = try shop.value(
            """
            SELECT COUNT(*) AS value FROM sessions JOIN customers ON customers.id = customer_id
            WHERE username = 'ada' AND ended_at = expires_at
            """)
        #expect(swept == 5)
        let tokens: Int64 = try shop.value("SELECT COUNT(*) AS value FROM refresh_tokens")
        #expect(tokens == 4)
        #expect(try shop.refresh(live.refresh).status.code == 200)
        #expect(try shop.breaches() == [])
    }

    /// The session was refreshed every second.
    ///
    /// A single login must not delete all its tokens.
    @Test func deletesALongSessionInParts() throws {
        let shop = try TestShop()
        let long = try shop.signIn("ada")
        let session: Int64 = try shop.value("SELECT MAX(id) AS value FROM sessions")
        try shop.store.write { tx in
            for number in 1...1200 {
                try tx.run(
                    """
                    INSERT INTO refresh_tokens (hash, session_id, used_at)
                    VALUES (\("hash \(number)"), \(session), 0)
                    """)
            }
        }
        shop.clock.pass(seconds: 2_592_000)
        for left in [701, 201, 0] as [Int64] {
            _ = try shop.signIn("ben")
            let tokens: Int64 = try shop.value(
                "SELECT COUNT(*) AS value FROM refresh_tokens WHERE session_id = \(session)")
            #expect(tokens == left)
            let live: Int64 = try shop.value(
                "SELECT COUNT(*) AS value FROM sessions WHERE id = \(session) AND ended_at IS NULL")
            #expect(live == (left == 0 ? 0 : 1))
            #expect(try shop.refresh(long.refresh).code == "session_ended")
        }
        #expect(try shop.breaches() == [])
    }

    /// A login beyond 100 sessions ends the least recently used one.
    ///
    /// The list shows all.
    @Test func keepsAHundredLiveSessions() throws {
        let shop = try TestShop()
        let first = try shop.signIn("ada")
        let second = try shop.signIn("ada")
        try shop.store.write { tx in
            for number: Int64 in 1...98 {
                try tx.run(
                    """
                    INSERT INTO sessions (customer_id, ip_address, user_agent, created_at, last_seen_at, expires_at)
                    VALUES (1, '192.0.2.1', 'test', \(shop.clock.now), \(shop.clock.now),
                        \(shop.clock.now.adding(seconds: 1_000_000 + number)))
                    """)
            }
        }
        shop.clock.pass(seconds: 60)
        let used = try Tokens(shop.refresh(first.refresh))
        let newest = try shop.signIn("ada")
        #expect(try shop.status(of: used, "ada") == 200)
        #expect(try shop.status(of: second, "ada") == 401)
        #expect(try shop.refresh(second.refresh).code == "session_ended")
        let list = try shop.send(.get, "/customers/ada/sessions", with: newest)
        let ids = try list.json["data"]?.elements.compactMap { $0["id"] } ?? []
        #expect(ids.count == 100 && ids.first == 101 && ids.last == 1)
        #expect(try shop.breaches() == [])
    }

    @Test func keepsAThousandEndedSessions() throws {
        let shop = try TestShop()
        try shop.store.write { tx in
            for _ in 1...1002 {
                try tx.run(
                    """
                    INSERT INTO sessions (customer_id, ip_address, user_agent, created_at, last_seen_at,
                        expires_at, ended_at)
                    VALUES (1, '192.0.2.1', 'test', 0, 0, 1, 1)
                    """)
            }
        }
        _ = try shop.signIn("ada")
        let ended: Int64 = try shop.value(
            "SELECT COUNT(*) AS value FROM sessions WHERE ended_at IS NOT NULL")
        #expect(ended == 1000)
        let oldest: Int64 = try shop.value("SELECT MIN(id) AS value FROM sessions")
        #expect(oldest == 3)
    }

    static let rows =
        ["/customers/ada/sessions", "/customers/ada/sessions/1"].flatMap { target in
            [
                Scenario(
                    "rejects an anonymous caller at \(target)", .init(.delete, target), gives: 401,
                    code: "token_missing"),
                Scenario(
                    "hides the account from another customer at \(target)",
                    .init(.delete, target, as: "ben"), gives: 404, code: "customer_not_found"),
                Scenario(
                    "hides the account from a moderator at \(target)",
                    .init(.delete, target, as: "mona"), gives: 404, code: "customer_not_found"),
                Scenario(
                    "rejects staff at \(target)", .init(.delete, target, as: "sami"), gives: 403,
                    code: "forbidden"),
            ]
        } + [
            Scenario(
                "rejects a list for an anonymous caller", .init(.get, "/customers/ada/sessions"),
                gives: 401, code: "token_missing"),
            Scenario(
                "hides the list from another customer",
                .init(.get, "/customers/ada/sessions", as: "ben"), gives: 404,
                code: "customer_not_found"),
            Scenario(
                "rejects a list for staff", .init(.get, "/customers/ada/sessions", as: "sami"),
                gives: 403, code: "forbidden"),
            Scenario(
                "reports an unknown customer to an admin",
                .init(.get, "/customers/nobody/sessions", as: "adil"), gives: 404,
                code: "customer_not_found"),
            Scenario(
                "rejects page parameters",
                .init(.get, "/customers/ada/sessions?limit=1", as: "ada"), gives: 422,
                code: "invalid_request"),
            Scenario(
                "rejects the session id x", .init(.delete, "/customers/ada/sessions/x", as: "ada"),
                gives: 404, code: "not_found"),
            Scenario(
                "reports session 0 as unknown",
                .init(.delete, "/customers/ada/sessions/0", as: "ada"), gives: 404,
                code: "not_found"),
            Scenario(
                "rejects a session id beyond 64 bits",
                .init(.delete, "/customers/ada/sessions/9223372036854775808", as: "ada"),
                gives: 404, code: "not_found"),
            Scenario(
                "reports session 99 as unknown",
                .init(.delete, "/customers/ada/sessions/99", as: "adil"), gives: 404,
                code: "session_not_found"),
            Scenario(
                "does not support POST", .init(.post, "/customers/ada/sessions", as: "ada", "{}"),
                gives: 405, code: "method_not_allowed", fields: ["Allow": "DELETE, GET, HEAD"]),
        ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }
}

extension JSON {
    /// The names of an object's members, in order.
    var members: [String] {
        guard case .object(let members) = self else { return [] }
        return members.map(\.name)
    }
}
