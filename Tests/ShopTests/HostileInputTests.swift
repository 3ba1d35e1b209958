import Foundation
import Launch
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// No request that nginx accepts costs a responder much time, or memory permanently.
    ///
    /// These programs are debug builds, at least ten times as slow as release builds. The limit is
    /// therefore 500 ms here, and 50 ms in `make torture unicode`, which sends the same kinds of
    /// input to release builds. Quadratic work takes many seconds.
    @Suite struct HostileInputTests {
        static let processorMsMax = 500.0
        static let growthMiBMax = 30.0
        static let seconds = 30.0

        static let routes = ResponderProgram.all.flatMap(\.routes).map(\.description)

        @Test func costsLittleEverywhere() throws {
            let seed = SeededRandom.seed
            print("SOUK_TESTS_SEED=\(seed)")
            let shop = try RunningShop()
            defer { shop.stop() }
            let made = try shop.souk(
                "user", "add", "boss", "--role", "admin", input: "correct horse\n")
            try #require(made.code == 0, "\(made.errors)")
            let boss = try shop.visitor("boss", "correct horse")
            _ = try boss.send(
                "POST", "/inventory", #"{"name":"pen","category":"pens","price":1,"stock":9}"#)
            var requests = HostileRequests(SeededRandom(seed: seed))
            let daemons = try shop.processes(of: Programs.daemons)
            var warm = try daemons.map(Process.memoryMiB)
            var slowest = (ms: 0.0, what: "")
            let begin = ContinuousClock.now
            var sent = 0
            while ContinuousClock.now - begin < .seconds(Self.seconds) {
                // Each route once, so that caches fill.
                if sent == Self.routes.count { warm = try daemons.map(Process.memoryMiB) }
                let request = requests.next(Self.routes[sent % Self.routes.count])
                sent += 1
                var ms = try cost(of: request, boss, daemons)
                if ms > Self.processorMsMax { ms = min(ms, try cost(of: request, boss, daemons)) }
                if ms > slowest.ms { slowest = (ms, request.description) }
                #expect(ms <= Self.processorMsMax, "\(request.description), seed \(seed)")
            }
            let grown = zip(try daemons.map(Process.memoryMiB), warm).map { $0 - $1 }
            print("\(sent) requests, the dearest \(slowest), memory \(grown)")
            #expect(sent > 2 * Self.routes.count)
            #expect(grown.allSatisfy { $0 < Self.growthMiBMax }, "\(grown) MiB, seed \(seed)")
            #expect(try shop.processes(of: Programs.daemons) == daemons)
        }

        /// Processor time in ms that the responders use for a request.
        private func cost(of request: HostileRequest, _ boss: Visitor, _ daemons: [pid_t]) throws
            -> Double
        {
            let before = try daemons.map(Process.processorMs).reduce(0, +)
            let answer = try boss.send(
                request.method, request.target, bytes: request.body, fields: request.fields)
            let after = try daemons.map(Process.processorMs).reduce(0, +)
            #expect(
                answer.status < 500 || answer.status == 503, "\(request.description): \(answer)")
            let isOwn = !request.fields.contains { $0.0 == "Authorization" }
            if answer.status == 401, isOwn { try boss.logIn(as: "boss", "correct horse") }
            return after - before
        }
    }
}

/// Figures of a process from /proc.
private enum Process {
    /// Processor time since its start, in user and system mode.
    static func processorMs(_ id: pid_t) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        // Fields 14 and 15 of proc(5), counted from the third.
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { throw Failure("/proc/\(id)/stat: \(text)") }
        return (user + system) * 1000 / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Resident memory.
    static func memoryMiB(_ id: pid_t) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let kib = line?.split(separator: " ").dropLast().last.flatMap({ Double($0) })
        else { throw Failure("/proc/\(id)/status: \(text)") }
        return kib / 1024
    }
}
