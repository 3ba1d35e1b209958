import Glibc

/// Microseconds on a clock that is never set (CLOCK_MONOTONIC), for durations.
///
/// The value has no meaning outside this process.
public func monotonicUs() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
}

/// The same clock in milliseconds, for deadlines.
public func monotonicMs() -> Int64 { Int64(monotonicUs() / 1000) }

/// Milliseconds of processor time that the calling thread has used (clock_gettime(2)).
public func threadProcessorMs() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
