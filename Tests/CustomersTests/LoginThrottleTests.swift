import HTTP
import TestShop
import Testing

@Suite struct LoginThrottleTests {
    private func fail(_ shop: TestShop, _ name: String, _ times: Int) throws {
        for time in 0..<times {
            let response = try shop.login(name, "wrong password")
            #expect(try response.code == "invalid_credentials", "failure \(time + 1)")
        }
    }

    private func wait(_ response: Response) throws -> Int64 {
        #expect(response.status == .tooManyRequests, "\(response.text)")
        #expect(try response.code == "login_locked")
        return try #require(response.fields[.retryAfter].flatMap { Int64($0) })
    }

    /// Unknown names are locked too, or the lock would reveal which names exist.
    @Test(arguments: ["ada", "nobody", "no such name at all, not even allowed"])
    func locksANameForLongerEachTimeUpTo15Minutes(name: String) throws {
        let shop = try TestShop()
        for _ in 0..<4 {
            #expect(try shop.login(name, "wrong horse").status.code == 401)
        }
        for seconds: Int64 in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] {
            // This guess is still compared; the next one is not, whether correct or wrong.
            #expect(try shop.login(name, "wrong horse").status.code == 401)
            for password in ["wrong horse", TestShop.password] {
                let locked = try shop.login(name, password)
                #expect(locked.status.code == 429)
                #expect(try locked.code == "login_locked")
                #expect(locked.field("Retry-After") == "\(seconds)")
            }
            shop.clock.pass(seconds: seconds - 1)
            #expect(try shop.login(name).field("Retry-After") == "1")
            shop.clock.pass(seconds: 1)
        }
        guard name == "ada" else { return }
        #expect(try shop.login(name).status.code == 200)
        // A success has cleared the failures, so five more guesses are allowed.
        for _ in 0..<5 {
            #expect(try shop.login(name, "wrong horse").status.code == 401)
        }
        #expect(try shop.login(name).field("Retry-After") == "1")
    }

    @Test func treatsKnownAndUnknownNamesAlike() throws {
        let shop = try TestShop()
        for name in ["ada", "nobody"] { try fail(shop, name, 5) }
        let known = try shop.login("ada")
        let unknown = try shop.login("nobody")
        #expect(known.text == unknown.text)
        #expect(known.fields == unknown.fields)
    }

    @Test func isPerName() throws {
        let shop = try TestShop()
        try fail(shop, "ada", 5)
        _ = try wait(try shop.login("ada"))
        #expect(try shop.login("ben").status == .ok)
    }

    @Test func isClearedBySuccess() throws {
        let shop = try TestShop()
        try fail(shop, "ada", 4)
        #expect(try shop.login("ada").status == .ok)
        try fail(shop, "ada", 4)
        #expect(try shop.login("ada").status == .ok)
        try fail(shop, "ada", 5)
        shop.clock.pass(seconds: try wait(try shop.login("ada")))
        #expect(try shop.login("ada").status == .ok)
        try fail(shop, "ada", 5)
        #expect(try wait(try shop.login("ada")) == 1)
    }

    @Test func isForgottenAfterADay() throws {
        let shop = try TestShop()
        try fail(shop, "ada", 4)
        try fail(shop, "nobody", 1)
        shop.clock.pass(seconds: 86_400)
        try fail(shop, "ada", 4)
        #expect(try shop.login("ada").status == .ok)
        // Expired rows are deleted. The remaining row counts ada's failures from all networks.
        let names: Int64 = try shop.value("SELECT COUNT(*) AS value FROM login_failures")
        #expect(names == 1)
    }

    /// If the clock is set back, a lock of one second must not become a lock of one hour.
    @Test func holdsNoLongerThan15MinutesWhenTheClockIsSetBack() throws {
        let shop = try TestShop()
        try fail(shop, "ada", 5)
        #expect(try wait(try shop.login("ada")) == 1)
        shop.clock.pass(seconds: -3600)
        let export = try shop.send(.get, "/customers/ada/export", as: "adil").json
        #expect(export["login_failures"]?[0]?["locked_until"] == .null)
        // One guess is compared, and locks the name by the present clock, longer than before.
        try fail(shop, "ada", 1)
        #expect(try wait(try shop.login("ada")) == 2)
        shop.clock.pass(seconds: 2)
        #expect(try shop.login("ada").status == .ok)
    }

    /// Login supports no dry run, which would allow free guesses.
    @Test func rejectsDryRuns() throws {
        let shop = try TestShop()
        let before = try shop.dump()
        for password in ["wrong password", TestShop.password] {
            let response = try shop.login("ada", password, query: "?dry_run=true")
            #expect(response.status == .unprocessableContent)
            #expect(try response.json["errors"]?[0]?["field"] == .string("dry_run"))
        }
        #expect(try shop.dump() == before)
    }

    @Test func doesNotCountInvalidRequests() throws {
        let shop = try TestShop()
        try fail(shop, "ada", 4)
        let answer = try shop.send(.post, "/customers/login", #"{"username":"ada"}"#)
        #expect(answer.status == .unprocessableContent)
        #expect(try shop.login("ada").status == .ok)
    }

    @Test func countsGuessesAtSuspendedAccounts() throws {
        let shop = try TestShop()
        try Scenario.Step(
            .put, "/customers/ada/status", as: "adil", #"{"status":"suspended"}"#
        ).succeeds(in: shop)
        try fail(shop, "ada", 4)
        // The correct password is not a failure, although a suspended account cannot log in.
        #expect(try shop.login("ada").code == "account_suspended")
        try fail(shop, "ada", 5)
        _ = try wait(try shop.login("ada"))
    }

    @Test func canBeOff() throws {
        let shop = try TestShop(throttlesLogins: false)
        try fail(shop, "ada", 8)
        #expect(try shop.login("ada").status == .ok)
    }

    @Test func locksInAnotherProcessAndAfterARestart() throws {
        let shop = try TestShop()
        for number in 0..<5 {
            let process = number % 2 == 0 ? shop : try TestShop(beside: shop)
            #expect(try process.login("ada", "wrong horse").status.code == 401)
        }
        let restarted = try TestShop(beside: shop)
        #expect(try restarted.login("ada").code == "login_locked")
        #expect(try restarted.login("ben").status.code == 200)
    }

    @Test func leavesTheOwnersSessionsAlone() throws {
        let shop = try TestShop()
        let session = try shop.signIn("ada")
        for _ in 0..<5 { _ = try shop.login("ada", "wrong horse") }
        #expect(try shop.login("ada").status.code == 429)
        #expect(try shop.status(of: session, "ada") == 200)
        let refreshed = try Tokens(shop.refresh(session.refresh))
        #expect(try shop.status(of: refreshed, "ada") == 200)
        let order = #"{"items":[{"product_id":1,"quantity":1}]}"#
        #expect(try shop.send(.post, "/sales", with: refreshed, order).status.code == 201)
    }

    /// People sometimes type their password into the username field.
    @Test func storesNoTypedUsername() throws {
        let shop = try TestShop()
        try fail(shop, "my secret password", 5)
        try fail(shop, "ada", 1)
        let rows = try shop.contents()["login_failures"] ?? []
        #expect(rows.count == 4)
        #expect(rows.allSatisfy { !$0.contains("secret") && !$0.contains("ada") })
        let export = try shop.send(.get, "/customers/ada/export", as: "adil").json
        #expect(export["login_failures"]?[0]?["failures"] == 1)
        #expect(export["login_failures"]?[0]?["locked_until"] == .null)
        let bens = try shop.send(.get, "/customers/ben/export", as: "adil").json
        #expect(bens["login_failures"] == .array([]))
    }
}
