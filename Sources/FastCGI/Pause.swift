import CFastCGI
import Glibc

/// A timer in the ready set, for when accepting has to wait.
///
/// A listener that cannot accept stays readable; without a pause every worker would spin on it.
struct Pause: ~Copyable, Sendable {
    static let durationMs = 50
    private let timer: Descriptor

    init() throws {
        let flags = Int32(TFD_CLOEXEC | TFD_NONBLOCK)
        timer = try Descriptor(timerfd_create(CLOCK_MONOTONIC, flags), from: "make a timer")
    }

    var descriptor: Int32 { timer.number }

    /// Makes the timer readable in `durationMs`, and not before.
    func begin() {
        // Setting it anew also takes back an expiry that nobody has read (timerfd_settime(2)).
        var time = itimerspec()
        time.it_value.tv_nsec = Self.durationMs * 1_000_000
        timerfd_settime(timer.number, 0, &time, nil)
    }
}
