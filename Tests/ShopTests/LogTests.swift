import Foundation
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// A request has the same id in nginx's log, in the responder's log and in the response.
    @Suite struct LogTests {
        @Test func aRequestHasOneIdEverywhere() throws {
            let knobs = ["SOUK_LOG_LEVEL": "debug", "SOUK_SLOW_MS": "1"]
            let shop = try RunningShop(knobs: knobs)
            let person = #"{"username":"leila","password":"mint and sugar","full_name":"L. A."}"#
            let answer = try shop.visitor().send("POST", "/customers", person).expect(201)
            let id = try #require(answer["X-Request-Id"])
            shop.stop()
            let front = try shop.home.text(of: "log/access.log").split(separator: "\n")
                .filter { $0.contains(#""request_id":"\#(id)""#) }
            #expect(front.count == 1 && front[0].contains(#""uri":"/customers""#), "\(front)")
            let lines = try shop.home.text(of: "log/customersd.log").split(separator: "\n")
            let beginning = #/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z customersd (?=<[2-7]>)/#
            for line in lines { #expect(line.prefixMatch(of: beginning) != nil, "\(line)") }
            let log = lines.map { String($0.replacing(beginning, with: "")) }
            let own = log.filter { $0.contains("request_id=\(id)") }
            let answered = "<7>answered method=POST path=/customers request_id=\(id) status=201"
            #expect(own.contains { $0 == answered }, "\(own)")
            // Argon2 takes longer than a millisecond.
            let slow = own.filter { $0.hasPrefix("<4>slow method=POST ms=") }
            #expect(slow.count == 1 && slow[0].hasSuffix("route=/customers status=201"), "\(own)")
            #expect(!slow.joined().contains("leila"))
            #expect(log.last?.hasPrefix("<6>stopped requests=") == true)
        }
    }
}
