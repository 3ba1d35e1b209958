import Glibc
import HTTP
import Storage
import TestShop
import Testing

/// Concurrent guesses give an attacker no more attempts than sequential ones.
@Suite(.serialized) struct GuessesTogetherTests {
    /// The error codes of concurrent requests.
    ///
    /// All tests share the hash queue, and one name may use only a few of its places. A guess that
    /// finds the queue full is not compared, so it is retried until it is.
    private func codes(
        _ count: Int, _ send: @escaping @Sendable (Int) throws -> Response
    ) -> [String: Int] {
        let codes = atOnce(count) { number in
            for _ in 0..<1000 {
                guard let answer = try? send(number) else { return "none" }
                let code = (try? answer.code) ?? "\(answer.status.code)"
                guard code == "unavailable" else { return code }
                usleep(10_000)
            }
            return "unavailable"
        }
        return Dictionary(grouping: codes) { $0 }.mapValues(\.count)
    }

    private func failures(_ shop: TestShop) throws -> Int64 {
        try shop.value("SELECT MAX(failures) AS value FROM login_failures")
    }

    @Test(arguments: ["ada", "nobody"]) func comparesOneGuessWhenALockEnds(name: String) throws {
        let shop = try TestShop(passwordCost: .standard)
        for _ in 0..<5 { _ = try shop.login(name, "wrong horse") }
        for seconds: Int64 in [1, 2, 4, 8] {
            shop.clock.pass(seconds: seconds)
            let codes = codes(24) { try shop.login(name, "wrong horse \($0)") }
            #expect(codes == ["invalid_credentials": 1, "login_locked": 23])
        }
        #expect(try failures(shop) == 9)
    }

    /// A correct guess that waits after a wrong one is not compared.
    @Test func comparesOneOfACorrectAndAWrongGuess() throws {
        for _ in 0..<4 {
            let shop = try TestShop(passwordCost: .standard)
            for _ in 0..<5 { _ = try shop.login("ada", "wrong horse") }
            shop.clock.pass(seconds: 1)
            let codes = codes(8) {
                try shop.login("ada", $0 == 3 ? TestShop.password : "wrong horse")
            }
            let locked = codes["login_locked"] ?? 0
            if codes["200"] == 1 {
                // The correct guess was compared first, so the later ones found the failures
                // cleared.
                #expect(locked + (codes["invalid_credentials"] ?? 0) == 7, "\(codes)")
            } else {
                #expect(codes == ["invalid_credentials": 1, "login_locked": 7])
            }
        }
    }

    @Test func comparesSequentiallyBeforeTheFirstLock() throws {
        let shop = try TestShop(passwordCost: .standard)
        let codes = codes(32) { try shop.login("ada", "wrong horse \($0)") }
        // One guess for a name runs at a time, and the fifth failure locks the name.
        let compared = codes["invalid_credentials"] ?? 0
        let refused = codes["login_locked"] ?? 0
        #expect(compared == 5 && refused == 27, "\(codes)")
        #expect(try failures(shop) == 5)
        #expect(try shop.login("ada").status.code == 429)
    }

    /// A stolen access token does not allow more guesses.
    @Test func comparesOneCurrentPasswordWhenALockEnds() throws {
        let shop = try TestShop(passwordCost: .standard)
        let session = try shop.signIn("ada")
        for _ in 0..<5 { _ = try shop.login("ada", "wrong horse") }
        for seconds: Int64 in [1, 2] {
            shop.clock.pass(seconds: seconds)
            let codes = codes(16) { number in
                let body = ChangePasswordTests.body("wrong \(number)", to: "staple battery")
                return try number % 2 == 0
                    ? shop.login("ada", "wrong horse \(number)")
                    : shop.send(.post, "/customers/ada/password", with: session, body)
            }
            #expect(codes == ["invalid_credentials": 1, "login_locked": 15])
        }
        shop.clock.pass(seconds: 4)
        let changed = try shop.send(
            .post, "/customers/ada/password", with: session, ChangePasswordTests.good)
        #expect(changed.status.code == 204)
        // This was a success, which clears the failures of the name.
        for _ in 0..<4 { #expect(try shop.login("ada", "wrong horse").status.code == 401) }
        #expect(try shop.login("ada", "staple battery").status.code == 200)
    }

    /// Two processes on one file, each with a queue of its own.
    @Test func comparesOneGuessInTwoProcesses() throws {
        let shop = try TestShop(passwordCost: .standard)
        let beside = try TestShop(beside: shop)
        for _ in 0..<5 { _ = try shop.login("ada", "wrong horse") }
        shop.clock.pass(seconds: 1)
        let codes = codes(16) { number in
            try (number % 2 == 0 ? shop : beside).login("ada", "wrong horse \(number)")
        }
        #expect(codes == ["invalid_credentials": 1, "login_locked": 15])
    }
}
