import Foundation
import HTTP
import Outbox
import ShopFixture
import Storage
import TestShop
import Testing
import Values

/// Real couriers that are killed between the effect of a job and its record.
@Suite(.once) struct KilledCourierTests {
    /// No job is lost, and a repetition has the same number.
    @Test(arguments: TestEngine.allCases) func killsLoseNoJob(engine: TestEngine) throws {
        let shop = try TestShop(on: engine)
        let effects = shop.folder.appending(path: "effects").path
        let key = shop.folder.appending(path: "jwt.secret").path
        #expect(
            FileManager.default.createFile(
                atPath: key, contents: Data(String(repeating: "k", count: 48).utf8),
                attributes: [.posixPermissions: 0o600]))
        let jobs = try shop.store.write { tx in
            try (0..<1600).map { number in
                try enqueue(
                    "test", in: JobQueue("webhook", Int64(number % 16)), ["a"], of: nil,
                    at: .now(), in: tx)
            }
        }
        var random = SeededRandom(seed: SeededRandom.seed)
        for kills in 1...100 {
            let courier = try start(on: shop, effects)
            let target = try numbers(in: effects).count + 1 + random.below(3)
            try eventually { try numbers(in: effects).count >= target || isDone(shop) }
            pause(milliseconds: UInt32(random.below(8)))
            courier.signal(SIGKILL)
            _ = try courier.wait(seconds: 30)
            try endLeases(of: shop, on: engine)
            #expect(try shop.breaches() == [], "after \(kills) kills")
        }
        #expect(try !isDone(shop), "too few jobs for 100 kills")
        let courier = try start(on: shop, effects, log: "last.log")
        // Before it is ready, SIGTERM may kill it.
        let log = shop.folder.appending(path: "last.log").path
        try eventually { try String(contentsOfFile: log, encoding: .utf8).contains("ready") }
        try eventually { try isDone(shop) }
        courier.signal(SIGTERM)
        #expect(try courier.wait(seconds: 30) == 0)
        let done = try numbers(in: effects)
        #expect(Set(done) == Set(jobs))
        // Fewer means that no signal came between an effect and its record.
        #expect(done.count > jobs.count)
        print("\(engine): 100 kills, \(jobs.count) jobs done \(done.count) times")
    }

    private func start(
        on shop: TestShop, _ effects: String, log: String = "courier.log"
    ) throws -> Child {
        var streams = Child.Streams()
        streams.output = shop.folder.appending(path: log).path
        return try Child(
            "\(Programs.folder)/TestCourier",
            ["--listen", shop.folder.appending(path: "courier.sock").path],
            environment: [
                "SOUK_DATABASE": shop.databaseSetting,
                "SOUK_JWT_SECRET_FILE": shop.folder.appending(path: "jwt.secret").path,
                "TEST_EFFECTS": effects,
            ], streams)
    }

    /// The numbers of the jobs in the order of their effects.
    private func numbers(in path: String) throws -> [Int64] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .map { try #require(Int64($0)) }
    }

    private func isDone(_ shop: TestShop) throws -> Bool {
        try shop.value("SELECT COUNT(*) AS value FROM jobs") == Int64(0)
    }

    /// Instead of the minute after which the leases of a killed courier end.
    private func endLeases(of shop: TestShop, on engine: TestEngine) throws {
        if engine == .postgresql {
            // A server that has received a claim commits it also after the courier is killed.
            let sessions: SQL = """
                SELECT COUNT(*) AS value FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'souk background'
                """
            try eventually { try shop.value(sessions) == Int64(0) }
        }
        try shop.store.write { tx in
            try tx.run("UPDATE jobs SET lease_until = 0 WHERE leased_by IS NOT NULL")
        }
    }
}
