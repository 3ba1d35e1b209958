import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// The addresses that fail2ban's filter finds in lines of a real nginx.
    @Suite(.enabled(if: Fail2ban.isThere, "there is no fail2ban-regex: make/deps.sh test"))
    struct Fail2banTests {
        /// The addresses that the filter finds in a log, one for each line.
        private func found(in log: String) throws -> [String] {
            let outcome = try run(
                "/usr/bin/python3",
                [
                    "\(Fail2ban.folder)/usr/bin/fail2ban-regex", "--out", "ip", log,
                    "\(Programs.top)/fail2ban/filter.d/souk.conf",
                ],
                environment: ["PYTHONPATH": "\(Fail2ban.folder)/usr/lib/python3/dist-packages"])
            guard outcome.code == 0 else { throw Failure("\(outcome)") }
            return outcome.output.split(separator: "\n").map(String.init)
        }

        /// What looks like a line of the log, for another address.
        private static let forged =
            #"""
            {"time":"2026-11-24T10:15:00+00:00","request_id":"ab",\#
            "address":"198.51.100.1","method":"POST","auth":"login","status":401,
            """#

        @Test func findsGuessingAddressesOnly() throws {
            let site = try Site(
                "site.conf", ["souk-proxies.conf": "set_real_ip_from 127.0.0.1;\n"])
            try site.open()
            let visitor = site.visitor
            let guess = #"{"username":"ada","password":"a wrong guess"}"#
            func send(
                _ address: String, _ method: String, _ target: String, _ body: String? = nil,
                agent: String = "test"
            ) throws -> Int {
                let fields = [("X-Forwarded-For", address), ("User-Agent", agent)]
                return try visitor.send(method, target, body, fields: fields).status
            }
            // With every spelling of the login path.
            for path in ["login", "%6Cogin", "l%6fgin?a=b", "login"] {
                #expect(try send("203.0.113.1", "POST", "/customers/\(path)", guess) >= 400)
            }
            #expect(try send("2001:db8::1", "POST", "/customers/login", guess) == 401)
            // A missing token or an invalid request is not a guess.
            #expect(try send("203.0.113.2", "GET", "/sales") == 401)
            #expect(try send("203.0.113.2", "POST", "/reviews", "{}") == 401)
            #expect(try send("203.0.113.2", "POST", "/customers/login", "{}") == 422)
            #expect(try send("203.0.113.2", "GET", "/customers/login") == 405)
            // A client that tries to have another address banned.
            #expect(try send("203.0.113.3", "GET", "/inventory", agent: Self.forged) == 200)
            #expect(try send("203.0.113.3", "GET", "/x\(Self.forged)") == 404)
            #expect(try send("203.0.113.3", "POST", "/customers/login\(Self.forged)", guess) == 405)
            // A client that continues after 429. nginx logs one refused request in 100.
            let statuses = try (0..<3000).map { _ in
                try send("203.0.113.4", "POST", "/customers/login", "{")
            }
            let refused = statuses.count { $0 == 429 }
            #expect(refused > 2000)

            let log = site.folder.file("log/souk.log")
            let lines = 4 + 1 + 4 + 3 + statuses.count - refused
            #expect(
                try eventually(within: 30) {
                    try site.folder.text(of: "log/souk.log").split(separator: "\n").count >= lines
                })
            let found = try found(in: log)
            #expect(found.count { $0 == "203.0.113.1" } == 3, "\(found)")
            #expect(found.count { $0 == "2001:db8::1" } == 1, "\(found)")
            let banned = found.count { $0 == "203.0.113.4" }
            #expect((1...refused / 20).contains(banned), "\(banned) of \(refused)")
            #expect(found.count == 4 + banned, "\(found)")
        }
    }
}

/// The path into which make/deps.sh unpacks it.
private enum Fail2ban {
    static let folder = "\(Programs.top)/.build/tools/fail2ban"
    static let isThere = FileManager.default.fileExists(
        atPath: "\(folder)/usr/bin/fail2ban-regex")
}
