import Foundation
import ShopFixture
import TestShop
import Testing

/// make/watch.pl kills responders that hang, and rotates logs that grow.
///
/// Outside of `ShopTests`, because it mostly waits: the other tests run in the meantime.
@Suite(.enabled(if: Programs.installed("nginx") != nil, "there is no nginx"))
struct WatchTests {
    /// customersd is stopped, and the workers of reviewsd never finish.
    ///
    /// inventoryd works on a queue of more than 30 seconds, and salesd waits for a write lock
    /// of another program.
    @Test func killsAndRestartsHungRespondersOnly() throws {
        let shop = try RunningShop(knobs: ["SOUK_WORKERS": "4"])
        defer { shop.stop() }
        #expect(try shop.souk("seed", "--products", "10", "--customers", "1").code == 0)
        let token = try shop.visitor("c1", "correct horse").token ?? ""
        let all = try lastingProcesses(of: shop)
        let hung = try ["customersd", "reviewsd"].map { ($0, try shop.process(of: $0)) }
        let busy = try shop.processes(of: ["inventoryd", "salesd"])
        let lock = try WriteLock(on: shop.home.file("souk.db"))
        let purchases = PurchaseLoad(on: shop.port, clients: 32, token: token)
        kill(hung[0].1, SIGSTOP)
        let (replacedAfter, finished) = try keepBusy(shop, hung)
        #expect(try shop.processes(of: ["inventoryd", "salesd"]) == busy)
        try lock.release()
        let answers = purchases.stop()
        print(
            "replaced after seconds: \(replacedAfter); inventoryd has finished \(finished),",
            "salesd \(answers)")
        // The last message may be 15 seconds old when a responder hangs, and the workers were
        // idle then.
        #expect((14...40).contains(replacedAfter["customersd"] ?? -1))
        #expect((28...60).contains(replacedAfter["reviewsd"] ?? -1))
        #expect((30...60).contains(finished))
        #expect(answers[503, default: 0] >= 32, "\(answers)")
        for (program, _) in hung {
            let cause = "killed: no watchdog message for 30 seconds"
            #expect(
                shop.said.contains("souk: \(program) died (\(cause)) and"), "\(shop.said)")
            #expect(
                try shop.home.text(of: "log/watch.log").contains("\(program) sent no watchdog"))
        }
        for (path, status) in [("/inventory", 200), ("/reviews", 200), ("/customers", 401)] {
            try shop.visitor().send("GET", path).expect(status)
        }
        #expect(try lastingProcesses(of: shop).count == all.count)
    }

    /// Keeps reviewsd and inventoryd busy for 75 seconds with bodies of one byte a second.
    ///
    /// - Returns: when each of the processes `hung` was replaced, in seconds, and how many
    ///   requests inventoryd has finished.
    private func keepBusy(
        _ shop: RunningShop, _ hung: [(String, pid_t)]
    ) throws -> ([String: Int], Int) {
        func request(to name: String, bytes: Int) throws -> SlowBody {
            try SlowBody(shop.home.file("run/\(name).sock"), bytes: bytes)
        }
        let endless = try (0..<4).map { _ in try request(to: "reviews", bytes: 60_000) }
        var queue = try (0..<40).map { _ in try request(to: "inventory", bytes: 6) }
        var finished = 0
        var replacedAfter: [String: Int] = [:]
        for second in 0..<75 {
            for body in endless + queue { body.sendByte() }
            for index in queue.indices where queue[index].isFinished {
                finished += 1
                queue[index] = try request(to: "inventory", bytes: 6)
            }
            for (program, id) in hung where replacedAfter[program] == nil {
                if try shop.process(of: program) != id { replacedAfter[program] = second }
            }
            sleep(1)
        }
        return (replacedAfter, finished)
    }

    @Test func isRestartedAfterACrash() throws {
        let shop = try RunningShop()
        defer { shop.stop() }
        let before = try shop.process(of: "watch")
        kill(before, SIGKILL)
        #expect(try eventually(within: 30) { try shop.process(of: "watch") != before })
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
                eventually(within: 30) {
                    size(of: "log/\(log).log.1", in: shop) >= filler.count
                        && size(of: "log/\(log).log", in: shop) < 1 << 20
                }, "log/\(log).log is not rotated")
        }
        // Later lines are in the new files.
        let answer = try shop.visitor().send("GET", "/sales").expect(401)
        let id = try #require(answer["X-Request-Id"])
        for log in ["access", "salesd"] {
            #expect(
                try eventually(within: 30) {
                    try shop.home.text(of: "log/\(log).log").contains(id)
                }, "log/\(log).log")
        }
        #expect(!FileManager.default.fileExists(atPath: shop.home.file("log/salesd.log.new")))
    }

    /// Without nginx's cache loader, which ends by itself after a minute.
    private func lastingProcesses(of shop: RunningShop) throws -> [String] {
        try shop.processes().filter { !$0.contains("cache loader") }
    }

    /// A file's length in bytes, or -1 if it does not exist.
    private func size(of name: String, in shop: RunningShop) -> Int {
        let values = try? FileManager.default.attributesOfItem(atPath: shop.home.file(name))
        return (values?[.size] as? NSNumber)?.intValue ?? -1
    }
}
