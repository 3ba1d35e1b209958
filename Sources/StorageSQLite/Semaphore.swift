import Glibc

/// A counting semaphore: one futex call to wake a thread, none when nobody sleeps.
///
/// `@unchecked Sendable`: `sem_t` is made to be shared between threads, and its address never
/// changes.
final class Semaphore: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    init(_ count: Int) {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, UInt32(clamping: count))
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// How many could pass without waiting, at this moment.
    var count: Int {
        var count: Int32 = 0
        sem_getvalue(semaphore, &count)
        return Int(count)
    }

    func signal() {
        sem_post(semaphore)
    }

    func wait() {
        while sem_wait(semaphore) != 0 {}  // EINTR: a signal is no answer
    }

    /// False where `timeoutMs` passed first.
    ///
    /// `sem_timedwait` knows only the clock that can be set, so a wait that is under way when
    /// somebody sets it is longer or shorter by that much.
    func wait(timeoutMs: Int64) -> Bool {
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
