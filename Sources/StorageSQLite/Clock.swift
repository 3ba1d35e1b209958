import Glibc

/// Milliseconds on a clock that is never set, for deadlines.
///
/// It means nothing outside this process.
func monotonicMs() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
