import Glibc
import Storage
import Synchronization
import Threads

@testable import StorageSQLite

/// Runs `body` on `count` concurrent threads and returns when all have ended.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    guard (try? Threads.onThreads(count, named: "test", body)) != nil else {
        preconditionFailure("cannot start a thread")
    }
}

func startThread(_ body: @escaping @Sendable () -> Void) -> Thread {
    do {
        return try Thread(named: "test", body)
    } catch {
        preconditionFailure("\(error)")
    }
}

/// Keeps the writer of a store busy, so that concurrent writes become one batch.
final class Gate: Sendable {
    private let isOpen = Atomic(false)
    private let isHeld = Atomic(false)

    /// Returns once the writer of `store` is held.
    func hold(_ store: SQLiteStore) -> Thread {
        let thread = startThread {
            _ = try? store.write { _ in
                self.isHeld.store(true, ordering: .releasing)
                while !self.isOpen.load(ordering: .acquiring) { usleep(1000) }
            }
        }
        while !isHeld.load(ordering: .acquiring) { usleep(1000) }
        return thread
    }

    func open() { isOpen.store(true, ordering: .releasing) }
}

extension SQLiteStore {
    /// Waits, at most 10 s, until as many writes are in the queue.
    func waitUntilQueued(_ count: Int) {
        for _ in 0..<10_000 where writer.waiting < count { usleep(1000) }
    }

    /// The results of `bodies`, each run by its own thread and committed as one batch.
    func writeTogether(_ bodies: [@Sendable (any Transaction) throws -> Void]) -> [StoreError?] {
        let gate = Gate()
        let holder = gate.hold(self)
        let outcomes = Mutex<[StoreError?]>(Array(repeating: nil, count: bodies.count))
        let threads = bodies.indices.map { index in
            let thread = startThread {
                do {
                    try self.write(bodies[index])
                } catch {
                    let failure = error as? StoreError ?? .schema("\(error)")
                    outcomes.withLock { $0[index] = failure }
                }
            }
            // In this order, and all before the gate opens.
            waitUntilQueued(index + 1)
            return thread
        }
        gate.open()
        for thread in threads + [holder] { thread.join() }
        return outcomes.withLock { $0 }
    }
}
