import Glibc

/// The CPU time that this thread needs for `body`, in microseconds.
///
/// Unlike the time of the clock, it hardly depends on what else the machine does.
public func cpuUs(_ body: () throws -> Void) rethrows -> Int64 {
    func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
    let begin = now()
    try body()
    return now() - begin
}
