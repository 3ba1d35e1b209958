import Glibc
import Synchronization

/// The pause between two reads of a waiting request, in microseconds.
private let pauseUs: UInt32 = 100_000

private let waiting = Mutex(0)
private let isStopping = Atomic(false)

/// Makes waiting requests return at once, so that a responder can stop.
public func stopWaiting() {
    isStopping.store(true, ordering: .relaxed)
}

/// Runs `body` every 100 ms while it returns true, for a request that waits for a change.
///
/// If `countMax` requests wait already, it does nothing: every one keeps a worker.
public func whileWaiting(atMost countMax: Int, _ body: () throws -> Bool) rethrows {
    let mayWait = waiting.withLock { count in
        guard count < countMax else { return false }
        count += 1
        return true
    }
    guard mayWait else { return }
    defer { waiting.withLock { $0 -= 1 } }
    repeat {
        guard !isStopping.load(ordering: .relaxed) else { return }
        usleep(pauseUs)
    } while try body()
}
