import Foundation
import HTTP
import HTTPTypes
import Storage
import Synchronization
import TestShop
import Testing

// What it measures, others must not disturb.
@Suite(.serialized) struct GuessingTests {
    @Test func saysTheSameInTheSameTimeWhateverIsWrong() throws {
        let shop = try TestShop(throttlesLogins: false)
        try Scenario.Step(
            .put, "/customers/ben/status", as: "adil", #"{"status":"suspended"}"#
        ).succeeds(in: shop)
        try Scenario.Step(.delete, "/customers/mona", as: "adil").succeeds(in: shop)
        let names = ["ada", "nobody", "ben", "mona"]
        for name in names { _ = try shop.login(name, "wrong horse") }
        // A difference that is ours is there every time; one that a neighbour makes is not.
        var medians: [Double] = []
        for _ in 0..<4 where !areAlike(medians) {
            medians = try self.medians(of: names, in: shop)
            print("login, wrong: \(zip(names, medians).map { "\($0) \($1) ms" })")
        }
        #expect(areAlike(medians), "\(medians)")
    }

    private func areAlike(_ times: [Double]) -> Bool {
        guard let fastest = times.min(), let slowest = times.max() else { return false }
        return slowest < fastest * 1.5
    }

    /// How long each name takes to be refused, by 20 interleaved tries, in milliseconds.
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
                        == #"{"type":"about:blank","title":"Unauthorized","status":401,"code":"invalid_credentials","detail":"The username or the password is wrong.","request_id":"00000000000000000000000000000001"}"#
                )
                #expect(
                    answer?.fields.map(\.name.rawName).sorted() == [
                        "Content-Type", "WWW-Authenticate", "X-Request-Id",
                    ])
            }
        }
        return names.map { median(milliseconds[$0] ?? []) }
    }

    @Test(arguments: ["ada", "nobody", "no such name at all, not even allowed"])
    func locksANameForLongerEachTimeUpTo15Minutes(name: String) throws {
        let shop = try TestShop()
        for _ in 0..<4 {
            #expect(try shop.login(name, "wrong horse").status.code == 401)
        }
        for seconds: Int64 in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] {
            // The one that is still compared; the next is not, right or wrong.
            #expect(try shop.login(name, "wrong horse").status.code == 401)
            for password in ["wrong horse", TestShop.password] {
                let locked = try shop.login(name, password)
                #expect(locked.status.code == 429)
                #expect(try locked.code == "login_locked")
                #expect(locked.field("Retry-After") == "\(seconds)")
            }
            shop.clock.pass(seconds: seconds - 1)
            #expect(try shop.login(name).field("Retry-After") == "1")
            shop.clock.pass(seconds: 1)
        }
        guard name == "ada" else { return }
        #expect(try shop.login(name).status.code == 200)
        // A success has cleared it: five more are free.
        for _ in 0..<5 {
            #expect(try shop.login(name, "wrong horse").status.code == 401)
        }
        #expect(try shop.login(name).field("Retry-After") == "1")
    }

    @Test func forgetsFailuresAfterADay() throws {
        let shop = try TestShop()
        for _ in 0..<4 { _ = try shop.login("ada", "wrong horse") }
        shop.clock.pass(seconds: 86_400)
        for _ in 0..<5 {
            #expect(try shop.login("ada", "wrong horse").status.code == 401)
        }
        #expect(try shop.login("ada").status.code == 429)
        shop.clock.pass(seconds: 86_400)
        for name in ["x1", "x2"] { _ = try shop.login(name) }
        let names: Int64 = try shop.value("SELECT COUNT(*) AS value FROM login_failures")
        #expect(names == 2)
    }

    @Test func locksInAnotherProcessAndAfterARestart() throws {
        let shop = try TestShop()
        for number in 0..<5 {
            let process = number % 2 == 0 ? shop : try TestShop(beside: shop)
            #expect(try process.login("ada", "wrong horse").status.code == 401)
        }
        let restarted = try TestShop(beside: shop)
        #expect(try restarted.login("ada").code == "login_locked")
        #expect(try restarted.login("ben").status.code == 200)
    }

    @Test func leavesTheOwnersSessionsAlone() throws {
        let shop = try TestShop()
        let session = try shop.signIn("ada")
        for _ in 0..<5 { _ = try shop.login("ada", "wrong horse") }
        #expect(try shop.login("ada").status.code == 429)
        #expect(try shop.status(of: session, "ada") == 200)
        let refreshed = try Tokens(shop.refresh(session.refresh))
        #expect(try shop.status(of: refreshed, "ada") == 200)
        let order = #"{"items":[{"product_id":1,"quantity":1}]}"#
        #expect(try shop.send(.post, "/sales", with: refreshed, order).status.code == 201)
    }

    @Test func countsGuessesThatComeTogether() throws {
        let shop = try TestShop()
        let answers = Answers(count: 16)
        onThreads(16) { number in
            answers.note(number) { try shop.login("ada", "wrong horse \(number)") }
        }
        let refused = answers.all.count { $0?.status.code == 401 }
        let failures: Int64 = try shop.value(
            "SELECT failures AS value FROM login_failures WHERE username = 'ada'")
        #expect(failures == refused && refused >= 5)
        #expect(try shop.login("ada").status.code == 429)
    }

    @Test func leavesTheNeighboursFastDuringAHundredLogins() throws {
        let shop = try TestShop()
        let isOver = Atomic(false)
        let answers = Answers(count: 100)
        let times = Mutex<[Double]>([])
        onThreads(2) { part in
            if part == 0 {
                onThreads(100) { number in answers.note(number) { try shop.login("ada") } }
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
        let sorted = times.withLock { $0.sorted() }
        let p99 = sorted[sorted.count * 99 / 100]
        print(
            """
            100 logins at once: \(statuses.count { $0 == 200 }) in, \(statuses.count { $0 == 503 }) \
            told to come again; \(sorted.count) GETs meanwhile, median \(median(sorted)) ms, p99 \(p99) ms
            """)
        #expect(statuses.count == 100 && Set(statuses).isSubset(of: [200, 503]))
        #expect(statuses.count { $0 == 200 } >= 64)
        #expect(sorted.count >= 20)
        #expect(median(sorted) < 50)
    }
}

/// The middle of `numbers`.
func median(_ numbers: [Double]) -> Double {
    numbers.isEmpty ? .nan : numbers.sorted()[numbers.count / 2]
}
