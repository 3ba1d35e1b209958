import Glibc
import HTTP
import Service

/// Lets a few threads at a time through to a costly place, and refuses more than can wait for their
/// turn.
///
/// `@unchecked Sendable`: both counts are touched only under `mutex`.
final class Turnstile: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let someoneLeft = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let insideMax: Int
    private let waitingMax: Int
    private var inside = 0
    private var waiting = 0

    init(insideMax: Int, waitingMax: Int) {
        self.insideMax = insideMax
        self.waitingMax = waitingMax
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(someoneLeft, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(someoneLeft)
        mutex.deallocate()
        someoneLeft.deallocate()
    }

    /// How many are inside and how many wait, at this moment.
    var state: (inside: Int, waiting: Int) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return (inside, waiting)
    }

    /// Runs `body` when it is this thread's turn.
    /// - Throws: `Problem` 503 `unavailable` where the queue is full; otherwise what `body` throws.
    func pass<T>(_ body: () throws -> T) throws -> T {
        try enter()
        defer { leave() }
        return try body()
    }

    private func enter() throws {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard inside >= insideMax else {
            inside += 1
            return
        }
        guard waiting < waitingMax else {
            throw Problem.unavailable("Too many people are logging in.")
        }
        waiting += 1
        while inside >= insideMax { pthread_cond_wait(someoneLeft, mutex) }
        waiting -= 1
        inside += 1
    }

    private func leave() {
        pthread_mutex_lock(mutex)
        inside -= 1
        pthread_cond_signal(someoneLeft)
        pthread_mutex_unlock(mutex)
    }
}
