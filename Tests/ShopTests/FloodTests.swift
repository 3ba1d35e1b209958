import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// One address sends as fast as it can, with rate limits.
    @Suite(.serialized) struct FloodTests {
        /// Requests that are refused for different reasons, each of several kilobytes.
        static let floods: [(name: String, request: String)] = [
            (
                "over the limit",
                "GET /inventory?q=\(long) HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \(controls)\r\n\r\n"
            ),
            (
                "an unknown path",
                "GET /\(long) HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \(controls)\r\n\r\n"
            ),
            (
                "hidden metrics",
                "GET /sales/metrics HTTP/1.1\r\nHost: localhost\r\nVia: \(long)\r\nUser-Agent: \(controls)\r\n\r\n"
            ),
            (
                "an unknown host",
                "GET /\(long) HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: \(controls)\r\n\r\n"
            ),
            (
                "a bad method",
                "TRACE /\(long) HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \(controls)\r\n\r\n"
            ),
            ("a bad line", "GET /\(long) HTTP/9.1\r\nHost: localhost\r\n\r\n"),
            ("a long target", "GET /\(long)\(long)\(long) HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ]
        private static let long = String(repeating: "a\"\\", count: 1200)
        private static let controls = String(repeating: "\u{1}\u{1f}\"", count: 1000)

        /// Within 1.5 seconds the log grows only by what the limits allow.
        @Test(arguments: floods)
        func theLogStaysSmall(flood: (name: String, request: String)) throws {
            let shop = try RunningShop(knobs: ["SOUK_RATE_LIMITS": "on"])
            defer { shop.stop() }
            let begin = ContinuousClock.now
            var sent = 0
            while ContinuousClock.now < begin + .milliseconds(1500) {
                let connection = try HTTPConnection(port: shop.port)
                let batch = Array(String(repeating: flood.request, count: 20).utf8)
                guard (try? connection.send(batch)) != nil else { continue }
                for _ in 0..<20 {
                    guard (try? connection.answer()) != nil else { break }
                    sent += 1
                }
            }
            let seconds = (ContinuousClock.now - begin).milliseconds / 1000
            // nginx writes its buffer every second.
            sleep(2)
            let log = try shop.home.text(of: "log/access.log")
            let errors = try shop.home.text(of: "log/nginx.log")
            print("\(flood.name): \(sent) answered, \(log.utf8.count) bytes of log")
            #expect(sent > 300)
            // 200 at once, 100 a second, and one in 100 of the others; each at most 1 KiB.
            let lines = log.split(separator: "\n")
            #expect(Double(lines.count) < 250 + 100 * (seconds + 1) + Double(sent) / 40)
            for line in lines {
                #expect(line.utf8.count < 1024)
                #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
                #expect((try? JSON(parsing: Array(line.utf8))) != nil, "\(line)")
            }
            #expect(!errors.contains("aaa") && !errors.contains("a\"\\a"), "\(errors.prefix(2000))")
        }

        /// Codes that are worth guessing share the limit of logins: one a second, bursts of 20.
        @Test func codesShareTheLimitOfLogins() throws {
            let shop = try RunningShop(knobs: ["SOUK_RATE_LIMITS": "on"])
            defer { shop.stop() }
            let visitor = shop.visitor()
            let statuses = try (0..<40).map { number in
                number.isMultiple(of: 2)
                    ? try visitor.send("GET", "/sales/coupons/NONE/check?subtotal=1").status
                    : try visitor.send("POST", "/customers/ada/wallet/gift-cards", "{}").status
            }
            #expect(statuses.prefix(20).allSatisfy { [401, 409].contains($0) }, "\(statuses)")
            #expect(statuses.count { $0 == 429 } >= 10, "\(statuses)")
        }

        /// Orders without a token too, also with a token of an order; those with one do not.
        @Test func ordersOfGuestsShareTheLimitOfLogins() throws {
            let shop = try RunningShop(knobs: ["SOUK_RATE_LIMITS": "on"])
            defer { shop.stop() }
            let visitor = shop.visitor()
            func statuses(_ fields: [(String, String)]) throws -> [Int] {
                try (0..<30).map { _ in
                    try visitor.send("POST", "/sales", "{}", fields: fields).status
                }
            }
            let authorized = try statuses([("Authorization", "Bearer x")])
            #expect(authorized.allSatisfy { $0 == 401 }, "\(authorized)")
            let guests = try statuses([("Souk-Order", "x")])
            #expect(guests.count { $0 == 429 } >= 5, "\(guests)")
            #expect(guests.prefix(15).allSatisfy { $0 == 422 }, "\(guests)")
        }

        @Test(arguments: [
            ("/inventory?limit=5&q=tea", "/inventory?limit=5&q=tea"),
            ("/inventory?limit=5&jwt=abc", "/inventory?limit=5&…"),
            ("/inventory?acc%65ss_token=abc&limit=5", "/inventory?…"),
            ("/inventory?code=abc", "/inventory?…"),
            ("/sales?sig=abc&key=abc", "/sales?…"),
            ("/inventory?q", "/inventory?…"),
            ("/inventory?q=\"abc\"", "/inventory?…"),
            ("/caf\u{e9}?token=abc", "/caf…"),
        ])
        func onlyKnownParametersAreLogged(target: String, logged: String) throws {
            let shop = try SharedShop.shop
            let agent = "flood/\(target.hashValue)"
            _ = try shop.visitor().send("GET", target, fields: [("User-Agent", agent)])
            var line = ""
            #expect(
                try eventually(within: 30) {
                    let lines = try shop.endOfAccessLog().split(separator: "\n")
                    line = String(lines.last { $0.contains(agent) } ?? "")
                    return !line.isEmpty
                })
            #expect(line.contains(#""uri":"\#(logged)""#), "\(line)")
        }

        /// The names in nginx's pattern are the parameters of the API.
        @Test func theLoggedParametersAreThoseOfTheAPI() throws {
            let api = try String(contentsOfFile: "\(Programs.top)/openapi.yaml", encoding: .utf8)
            let parameters = api.matches(of: #/name: (\w+)(?:,|\s)\s*in: query/#)
            let names = Set(parameters.map { String($0.1) })
            let log = try String(
                contentsOfFile: "\(Programs.top)/nginx/http/log.conf", encoding: .utf8)
            let patterns = log.matches(of: #/\(\?:(actor\|[a-z_|]+)\)=/#).map { $0.1 }
            #expect(patterns.count == 2 && names.count > 10)
            for pattern in patterns {
                #expect(Set(pattern.split(separator: "|").map(String.init)) == names)
            }
        }
    }
}
