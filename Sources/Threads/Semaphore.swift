import Glibc

/// A counting semaphore (sem_overview(7)).
///
/// `signal` makes a system call only if a thread waits. `@unchecked Sendable`: threads may share a
/// `sem_t`, and its address never changes.
public final class Semaphore: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    /// Creates a semaphore with `count` permits.
    public init(_ count: Int) {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, UInt32(clamping: count))
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// The number of permits that are available at this moment.
    public var count: Int {
        var count: Int32 = 0
        sem_getvalue(semaphore, &count)
        return Int(count)
    }

    /// Releases a permit.
    public func signal() {
        sem_post(semaphore)
    }

    /// Acquires a permit, and blocks until one is available.
    public func wait() {
        while sem_wait(semaphore) != 0 {}  // EINTR: try again.
    }

    /// Acquires a permit within a time limit.
    ///
    /// `sem_timedwait` uses the clock that can be set. Setting that clock during the wait lengthens
    /// or shortens the wait.
    /// - Returns: false if `timeoutMs` passed first.
    public func wait(timeoutMs: Int64) -> Bool {
        if sem_trywait(semaphore) == 0 { return true }
        var end = timespec()
        clock_gettime(CLOCK_REALTIME, &end)
        let nanoseconds = end.tv_nsec + Int(timeoutMs % 1000) * 1_000_000
        end.tv_sec += Int(timeoutMs / 1000) + nanoseconds / 1_000_000_000
        end.tv_nsec = nanoseconds % 1_000_000_000
        while sem_timedwait(semaphore, &end) != 0 {
            if errno != EINTR { return false }
        }
        return true
    }
}
