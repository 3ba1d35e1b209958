import Foundation
import HTTP
import Synchronization
import TestShop
import Testing

@testable import Customers

@Suite struct TurnstileTests {
    @Test(arguments: [(1, 31), (3, 29), (32, 0)])
    func letsNoMoreInThanItSays(insideMax: Int, waitingMax: Int) {
        let turnstile = Turnstile(insideMax: insideMax, waitingMax: waitingMax)
        let inside = Atomic(0)
        let most = Atomic(0)
        let passed = atOnce(32) { number in
            try? turnstile.pass {
                let now = inside.add(1, ordering: .relaxed).newValue
                most.max(now, ordering: .relaxed)
                Thread.sleep(forTimeInterval: 0.002)
                inside.subtract(1, ordering: .relaxed)
                return number
            }
        }
        #expect(passed == Array(0..<32))
        #expect(most.load(ordering: .relaxed) <= insideMax)
        #expect(insideMax == 32 || most.load(ordering: .relaxed) == insideMax)
    }

    /// One inside, two waiting, and the fourth is told to come again.
    @Test func refusesWhoFindsTheQueueFull() throws {
        let turnstile = Turnstile(insideMax: 1, waitingMax: 2)
        let isOpen = Atomic(false)
        let refused = Mutex<[Problem]>([])
        let outcomes = atOnce(8) { _ -> Bool in
            do {
                return try turnstile.pass {
                    // Bounded, so that a queue that takes in too many fails here and does not hang.
                    for _ in 0..<5000 where !isOpen.load(ordering: .relaxed) {
                        Thread.sleep(forTimeInterval: 0.001)
                    }
                    return true
                }
            } catch let problem as Problem {
                let count = refused.withLock {
                    $0.append(problem); return $0.count
                }
                // Five find it full; only then may the one inside go.
                if count == 5 { isOpen.store(true, ordering: .relaxed) }
                return false
            } catch {
                return false
            }
        }
        #expect(outcomes.filter { $0 }.count == 3)
        for problem in refused.withLock({ $0 }) {
            #expect(problem.status == .serviceUnavailable)
            #expect(problem.code == "unavailable")
            #expect(problem.fields[.retryAfter] != nil)
        }
        // And afterwards there is room again.
        #expect(try turnstile.pass { 7 } == 7)
    }

    @Test func letsOutWhoThrows() throws {
        let turnstile = Turnstile(insideMax: 1, waitingMax: 0)
        struct Failure: Error {}
        for _ in 1...3 { #expect(throws: Failure.self) { try turnstile.pass { throw Failure() } } }
        #expect(try turnstile.pass { true })
    }
}
