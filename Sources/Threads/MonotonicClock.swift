import Glibc

/// The time in microseconds of a clock that cannot be set (CLOCK_MONOTONIC), for durations.
///
/// Only differences within this process are meaningful.
public func monotonicUs() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
}

/// The monotonic time in milliseconds, for deadlines.
public func monotonicMs() -> Int64 { Int64(monotonicUs() / 1000) }

/// Milliseconds of processor time that the calling thread has used (clock_gettime(2)).
public func threadProcessorMs() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
