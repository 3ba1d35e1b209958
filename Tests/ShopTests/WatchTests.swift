import Foundation
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// make/watch.pl: responders that hang, and logs that grow.
    @Suite struct WatchTests {
        @Test func killsAndRestartsAHungResponder() throws {
            let shop = try RunningShop()
            defer { shop.stop() }
            let before = try shop.processes()
            let hung = try shop.process(of: "salesd")
            let others = try shop.processes(of: ["customersd", "inventoryd", "reviewsd"])
            kill(hung, SIGSTOP)
            let begin = ContinuousClock.now
            #expect(try eventually(within: 60) { try shop.process(of: "salesd") != hung })
            let seconds = (ContinuousClock.now - begin).milliseconds / 1000
            print("a stopped responder is replaced after \(seconds) s")
            // Not before its 30 seconds, counted from a question it may just have answered.
            #expect(seconds > 25)
            try shop.visitor().send("GET", "/sales").expect(401)
            #expect(
                shop.said.contains(
                    "souk: salesd died (killed: no answer for 30 seconds) and is started again;"),
                "\(shop.said)")
            #expect(try shop.processes(of: ["customersd", "inventoryd", "reviewsd"]) == others)
            #expect(try shop.processes().count == before.count)
            #expect(try shop.home.text(of: "log/watch.log").contains("salesd did not answer"))
        }

        @Test func isStartedAgainAfterItsOwnDeath() throws {
            let shop = try RunningShop()
            defer { shop.stop() }
            let before = try shop.process(of: "watch")
            kill(before, SIGKILL)
            #expect(try eventually(within: 5) { try shop.process(of: "watch") != before })
            #expect(shop.stop() == 0)
            #expect(try shop.processes() == [])
        }

        @Test func rotatesLogsWhileTheShopIsOpen() throws {
            let shop = try RunningShop(knobs: ["SOUK_LOG_LEVEL": "debug"])
            defer { shop.stop() }
            let logs = ["access", "nginx", "salesd", "supervise"]
            let filler = Data(repeating: 0x0a, count: 17 << 20)
            for log in logs {
                let file = try FileHandle(
                    forWritingTo: URL(fileURLWithPath: shop.home.file("log/\(log).log")))
                try file.seekToEnd()
                try file.write(contentsOf: filler)
                try file.close()
            }
            for log in logs {
                #expect(
                    eventually(within: 15) {
                        size(of: "log/\(log).log.1", in: shop) >= filler.count
                            && size(of: "log/\(log).log", in: shop) < 1 << 20
                    }, "log/\(log).log is not rotated")
            }
            // What comes next is in the new files.
            let answer = try shop.visitor().send("GET", "/sales").expect(401)
            let id = try #require(answer["X-Request-Id"])
            for log in ["access", "salesd"] {
                #expect(
                    try eventually(within: 5) {
                        try shop.home.text(of: "log/\(log).log").contains(id)
                    }, "log/\(log).log")
            }
            #expect(!FileManager.default.fileExists(atPath: shop.home.file("log/salesd.log.new")))
        }

        /// A file's length in bytes, or -1 if it does not exist.
        private func size(of name: String, in shop: RunningShop) -> Int {
            let values = try? FileManager.default.attributesOfItem(atPath: shop.home.file(name))
            return (values?[.size] as? NSNumber)?.intValue ?? -1
        }
    }
}
