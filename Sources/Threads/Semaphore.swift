import Glibc

/// A counting semaphore (sem_overview(7)): one system call to wake a thread, none if none waits.
///
/// `@unchecked Sendable`: `sem_t` is made to be shared between threads, and its address never
/// changes.
public final class Semaphore: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    /// A semaphore with `count` free places.
    public init(_ count: Int) {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, UInt32(clamping: count))
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Places that are free at this moment.
    public var count: Int {
        var count: Int32 = 0
        sem_getvalue(semaphore, &count)
        return Int(count)
    }

    /// Frees a place.
    public func signal() {
        sem_post(semaphore)
    }

    /// Takes a place, after waiting for one if none is free.
    public func wait() {
        while sem_wait(semaphore) != 0 {}  // EINTR: try again.
    }

    /// The same with a timeout.
    ///
    /// `sem_timedwait` knows only the clock that can be set. If it is set during the wait, the wait
    /// is longer or shorter by as much.
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
