import Foundation
import HTTP
import HTTPTypes
import Storage
import Synchronization
import TestShop
import Testing

// Serialized, because other tests would disturb the measurements.
@Suite(.serialized) struct GuessingTests {
    @Test func rejectsWithTheSameTextInTheSameTime() throws {
        let shop = try TestShop(throttlesLogins: false, passwordCost: .standard)
        try Scenario.Step(
            .put, "/customers/ben/status", as: "adil", #"{"status":"suspended"}"#
        ).succeeds(in: shop)
        try Scenario.Step(.delete, "/customers/mona", as: "adil").succeeds(in: shop)
        let names = ["ada", "nobody", "ben", "mona"]
        for name in names { _ = try shop.login(name, "wrong horse") }
        // A real difference shows in every round; noise of the machine does not.
        var medians: [Double] = []
        for _ in 0..<10 where !areAlike(medians) {
            medians = try self.medians(of: names, in: shop)
            print("login, wrong: \(zip(names, medians).map { "\($0) \($1) ms" })")
        }
        #expect(areAlike(medians), "\(medians)")
    }

    private func areAlike(_ times: [Double]) -> Bool {
        guard let fastest = times.min(), let slowest = times.max() else { return false }
        return slowest < fastest * 1.5
    }

    /// The median time in milliseconds until a login with each name is rejected, of 20 interleaved
    /// attempts.
    private func medians(of names: [String], in shop: TestShop) throws -> [Double] {
        var milliseconds: [String: [Double]] = [:]
        for _ in 0..<20 {
            for name in names {
                var answer: Response?
                let time = try ContinuousClock().measure {
                    answer = try shop.login(name, "wrong horse")
                }
                milliseconds[name, default: []].append(time / .milliseconds(1))
                #expect(answer?.status.code == 401)
                #expect(
                    answer?.text
                        == #"""
                        {"type":"about:blank","title":"Unauthorized","status":401,\#
                        "code":"invalid_credentials",\#
                        "detail":"The username or the password is wrong.",\#
                        "request_id":"00000000000000000000000000000001"}
                        """#
                )
                #expect(
                    answer?.fields.map(\.name.rawName).sorted() == [
                        "Cache-Control", "Content-Type", "WWW-Authenticate", "X-Request-Id",
                    ])
            }
        }
        return names.map { median(milliseconds[$0] ?? []) }
    }

    @Test func otherRequestsStayFastDuringAHundredLogins() throws {
        let shop = try TestShop(passwordCost: .standard)
        let isOver = Atomic(false)
        let answers = Answers(count: 100)
        let times = Mutex<[Double]>([])
        onThreads(2) { part in
            if part == 0 {
                // 20 for each name. The hash queue holds 25 for one name.
                let names = ["ada", "ben", "mona", "sami", "adil"]
                onThreads(100) { number in
                    answers.note(number) { try shop.login(names[number % names.count]) }
                }
                isOver.store(true, ordering: .releasing)
            } else {
                while !isOver.load(ordering: .acquiring) {
                    let time = ContinuousClock().measure {
                        _ = try? shop.send(.get, "/inventory/1")
                    }
                    times.withLock { $0.append(time / .milliseconds(1)) }
                    usleep(2000)
                }
            }
        }
        let statuses = answers.all.compactMap { $0?.status.code }
        // Correct passwords do not count as guesses. The queue holds 100, and other tests log in
        // too.
        #expect(statuses.count == 100 && statuses.allSatisfy { $0 == 200 || $0 == 503 })
        #expect(statuses.filter { $0 == 200 }.count >= 50)
        let sorted = times.withLock { $0.sorted() }
        let p99 = sorted[sorted.count * 99 / 100]
        print(
            """
            100 logins at once: \(sorted.count) GETs meanwhile, median \(median(sorted)) ms, p99 \(p99) ms
            """)
        #expect(sorted.count >= 20)
        #expect(median(sorted) < 50)
    }
}

/// The median of `numbers`.
func median(_ numbers: [Double]) -> Double {
    numbers.isEmpty ? .nan : numbers.sorted()[numbers.count / 2]
}
