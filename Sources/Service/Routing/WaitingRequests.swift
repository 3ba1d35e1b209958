import Glibc
import Synchronization
import Threads

/// The pause between two reads of a waiting request, in microseconds.
private let pauseUs: UInt32 = 100_000

private let isStopping = Atomic(false)

/// Makes waiting requests return at once, so that a responder can stop.
public func stopWaiting() {
    isStopping.store(true, ordering: .relaxed)
}

/// The requests of a shop that wait for a change.
public final class WaitingRequests: Sendable {
    /// The most requests that may wait at once, because each one keeps a worker.
    private let countMax: Int
    private let count = Mutex(0)

    init(atMost countMax: Int) { self.countMax = countMax }

    /// Runs `body` every 100 ms while it returns true, for a request that waits for a change.
    ///
    /// The pauses are added to `pauses`. If as many requests wait as may, it does nothing.
    /// - Returns: whether the request has waited.
    func wait(_ pauses: Pauses?, while body: () throws -> Bool) rethrows -> Bool {
        let mayWait = count.withLock { count in
            guard count < countMax else { return false }
            count += 1
            return true
        }
        guard mayWait else { return false }
        defer { count.withLock { $0 -= 1 } }
        repeat {
            guard !isStopping.load(ordering: .relaxed) else { return true }
            let begunUs = monotonicUs()
            usleep(pauseUs)
            pauses?.microseconds.add(monotonicUs() - begunUs, ordering: .relaxed)
        } while try body()
        return true
    }
}

/// The time for which a request has waited for a change, which is no time of the responder.
final class Pauses: Sendable {
    let microseconds = Atomic(0)
}
