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
