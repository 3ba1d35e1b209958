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

    /// For a name that nobody has as well, word for word: or the lock would tell which is which.
    @Test(arguments: ["ada", "nobody"]) func growsAndEnds(name: String) throws {
        let shop = try TestShop()
        try fail(shop, name, 5)
        var waits: [Int64] = []
        for _ in 0..<13 {
            let seconds = try wait(try shop.login(name, "wrong password"))
            waits.append(seconds)
            // Its owner has to wait too, and asking again does not make it longer.
            #expect(try wait(try shop.login(name)) == seconds)
            shop.clock.pass(seconds: seconds - 1)
            #expect(try wait(try shop.login(name, "wrong password")) == 1)
            shop.clock.pass(seconds: 1)
            try fail(shop, name, 1)
        }
        #expect(waits == waits.sorted())
        #expect(waits.first.map { $0 >= 1 } == true)
        #expect(Set(waits.prefix(10)).count == 10, "it grows each time: \(waits)")
        #expect(waits.last == 900, "nobody is locked out for ever: \(waits)")
    }

    @Test func saysTheSameToKnownAndUnknown() throws {
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
        // Names that nobody asks for any more do not fill the table.
        let names: Int64 = try shop.value("SELECT COUNT(*) AS value FROM login_failures")
        #expect(names == 0)
    }

    /// A dry run is no way to guess for free: there is none.
    @Test func knowsNoDryRun() throws {
        let shop = try TestShop()
        let before = try shop.dump()
        for password in ["wrong password", TestShop.password] {
            let response = try shop.login("ada", password, query: "?dry_run=true")
            #expect(response.status == .unprocessableContent)
            #expect(try response.json["errors"]?[0]?["field"] == .string("dry_run"))
        }
        #expect(try shop.dump() == before)
    }

    @Test func countsWhoGuessesForSomebodySuspended() throws {
        let shop = try TestShop()
        try fail(shop, "ada", 4)
        // Not a JSON login at all, so no guess.
        _ = try shop.send(.post, "/customers/login", #"{"username":"ada"}"#)
        #expect(try shop.login("ada").status == .ok)
    }

    @Test func canBeOff() throws {
        let shop = try TestShop(throttlesLogins: false)
        try fail(shop, "ada", 8)
        #expect(try shop.login("ada").status == .ok)
    }

    /// Guesses that come together are counted together.
    @Test func countsEachOfMany() throws {
        let shop = try TestShop()
        let codes = atOnce(16) { _ in try? shop.login("ada", "wrong password").code }
        let wrong = codes.filter { $0 == "invalid_credentials" }.count
        #expect(wrong + codes.filter { $0 == "login_locked" }.count == 16)
        let counted: Int64 = try shop.value(
            "SELECT failures AS value FROM login_failures WHERE username = 'ada'")
        #expect(counted == wrong)
        #expect(wrong >= 5)
        _ = try wait(try shop.login("ada"))
    }
}
