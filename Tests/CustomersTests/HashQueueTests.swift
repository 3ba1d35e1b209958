import Foundation
import HTTP
import Synchronization
import TestShop
import Testing

@testable import Customers

@Suite struct HashQueueTests {
    /// Holds a slot until it is opened.
    ///
    /// It waits at most ten seconds, so that a broken queue fails a test instead of hanging it.
    private final class Gate: Sendable {
        private let isOpen = Atomic(false)

        func open() { isOpen.store(true, ordering: .releasing) }

        func wait() {
            for _ in 0..<10_000 where !isOpen.load(ordering: .acquiring) {
                Thread.sleep(forTimeInterval: 0.001)
            }
        }
    }

    private func eventually(_ condition: () -> Bool) {
        for _ in 0..<5000 where !condition() { Thread.sleep(forTimeInterval: 0.001) }
    }

    /// Adds tickets in this order while a login holds the only slot.
    ///
    /// - Returns: their names in the order in which they ran; rejected ones are missing.
    private func order(
        _ queue: HashQueue, of tickets: [(lane: HashQueue.Lane, key: String?, name: String)]
    ) -> [String] {
        let ran = Mutex<[String]>([])
        let (gate, running) = (Gate(), DispatchGroup())
        func add(_ lane: HashQueue.Lane, _ key: String?, _ body: @escaping @Sendable () -> Void) {
            running.enter()
            Thread.detachNewThread {
                try? queue.run(lane, key: key, body)
                running.leave()
            }
        }
        add(.login, nil) { gate.wait() }
        eventually { queue.state.running == 1 }
        for ticket in tickets {
            let before = queue.state
            add(ticket.lane, ticket.key) { ran.withLock { $0.append(ticket.name) } }
            eventually {
                queue.state.waiting > before.waiting || queue.state.refused > before.refused
            }
        }
        gate.open()
        running.wait()
        return ran.withLock { $0 }
    }

    @Test(arguments: [(1, 31), (3, 29), (32, 0)])
    func runsAtMostSlotsAtATime(slots: Int, places: Int) {
        let queue = HashQueue(slots: slots, places: places, deadlineMs: 10_000)
        let inside = Atomic(0)
        let most = Atomic(0)
        let passed = atOnce(32) { number in
            try? queue.run(.login) {
                let now = inside.add(1, ordering: .relaxed).newValue
                most.max(now, ordering: .relaxed)
                eventually { most.load(ordering: .relaxed) >= slots }
                Thread.sleep(forTimeInterval: 0.002)
                inside.subtract(1, ordering: .relaxed)
                return number
            }
        }
        #expect(passed == Array(0..<32))
        #expect(most.load(ordering: .relaxed) == slots)
    }

    @Test func servesInTheOrderOfArrival() {
        let queue = HashQueue(slots: 1, places: 40, deadlineMs: 10_000)
        let names = (0..<20).map { "login \($0)" }
        #expect(order(queue, of: names.map { (.login, $0, $0) }) == names)
    }

    /// Registrations and password changes get at most every second slot.
    @Test func startsALoginAfterOneChange() {
        let queue = HashQueue(slots: 1, places: 40, deadlineMs: 10_000)
        let changes = (0..<10).map {
            (lane: HashQueue.Lane.change, key: String?.none, name: "change \($0)")
        }
        let logins = (0..<3).map {
            (lane: HashQueue.Lane.login, key: String?.none, name: "login \($0)")
        }
        let order = order(queue, of: changes + logins)
        let expected = ["change 0", "login 0", "change 1", "login 1", "change 2", "login 2"]
        #expect(Array(order.prefix(6)) == expected)
        #expect(order.count == 13)
    }

    @Test func keepsHalfOfThePlacesForLogins() {
        let queue = HashQueue(slots: 1, places: 8, deadlineMs: 10_000)
        let changes = (0..<8).map {
            (lane: HashQueue.Lane.change, key: String?.none, name: "change \($0)")
        }
        let logins = (0..<6).map {
            (lane: HashQueue.Lane.login, key: String?.none, name: "login \($0)")
        }
        let order = order(queue, of: changes + logins)
        #expect(order.count { $0.hasPrefix("change") } == 4)
        #expect(order.count { $0.hasPrefix("login") } == 4)
        #expect(queue.state.refused == 6)
    }

    @Test func keepsHalfOfTheSlotsForLogins() {
        let queue = HashQueue(slots: 4, places: 40, deadlineMs: 10_000)
        let inside = Atomic(0)
        let most = Atomic(0)
        let passed = atOnce(16) { _ in
            try? queue.run(.change) {
                let now = inside.add(1, ordering: .relaxed).newValue
                most.max(now, ordering: .relaxed)
                eventually { most.load(ordering: .relaxed) >= 2 }
                Thread.sleep(forTimeInterval: 0.002)
                inside.subtract(1, ordering: .relaxed)
                return true
            }
        }
        #expect(passed.count { $0 == true } == 16)
        #expect(most.load(ordering: .relaxed) == 2)
    }

    @Test func runsOneTicketPerKeyAtATime() {
        let queue = HashQueue(slots: 4, places: 400, deadlineMs: 10_000)
        let inside = Atomic(0)
        let most = Atomic(0)
        let total = Atomic(0)
        _ = atOnce(24) { number in
            try? queue.run(.login, key: number % 2 == 0 ? "ada" : "\(number)") {
                total.add(1, ordering: .relaxed)
                guard number % 2 == 0 else { return }
                let now = inside.add(1, ordering: .relaxed).newValue
                most.max(now, ordering: .relaxed)
                Thread.sleep(forTimeInterval: 0.002)
                inside.subtract(1, ordering: .relaxed)
            }
        }
        #expect(most.load(ordering: .relaxed) == 1)
        #expect(total.load(ordering: .relaxed) == 24)
    }

    /// One account cannot fill the queue for all others.
    @Test func limitsThePlacesOfOneKey() {
        let queue = HashQueue(slots: 1, places: 16, deadlineMs: 10_000)
        let adas = (0..<8).map {
            (lane: HashQueue.Lane.change, key: String?.some("ada"), name: "ada \($0)")
        }
        let order = order(queue, of: adas + [(.change, "ben", "ben")])
        #expect(order == ["ada 0", "ada 1", "ben"])
    }

    @Test func refusesWhenTheQueueIsFull() throws {
        let queue = HashQueue(slots: 1, places: 2, deadlineMs: 10_000)
        let gate = Gate()
        let refused = Mutex<[Problem]>([])
        let outcomes = atOnce(8) { _ -> Bool in
            do {
                return try queue.run(.login) {
                    gate.wait()
                    return true
                }
            } catch let problem as Problem {
                let count = refused.withLock {
                    $0.append(problem); return $0.count
                }
                if count == 5 { gate.open() }
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
        #expect(try queue.run(.login) { 7 } == 7)
    }

    @Test func refusesAfterTheDeadline() throws {
        let queue = HashQueue(slots: 1, places: 4, deadlineMs: 50)
        let gate = Gate()
        let holder = DispatchGroup()
        holder.enter()
        Thread.detachNewThread {
            try? queue.run(.login) { gate.wait() }
            holder.leave()
        }
        eventually { queue.state.running == 1 }
        let begin = ContinuousClock.now
        let problem = #expect(throws: Problem.self) { try queue.run(.login) {} }
        #expect(ContinuousClock.now - begin >= .milliseconds(50))
        #expect(problem?.status == .serviceUnavailable)
        #expect(problem?.fields[.retryAfter] != nil)
        #expect(queue.state.waiting == 0)
        gate.open()
        holder.wait()
        #expect(try queue.run(.login) { 7 } == 7)
    }

    @Test func freesTheSlotIfTheBodyThrows() throws {
        let queue = HashQueue(slots: 1, places: 0, deadlineMs: 1000)
        struct Failure: Error {}
        for _ in 1...3 {
            #expect(throws: Failure.self) { try queue.run(.login) { throw Failure() } }
        }
        #expect(try queue.run(.login) { true })
    }
}
