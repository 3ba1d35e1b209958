import Threads

/// How long a group waited for the write lock, and how long it held it.
struct LockTimes {
    /// How many times as long as its group a background process pauses.
    private static let pauses = 100
    /// The longest pause in milliseconds, because callers with a deadline wait for it.
    private static let pauseMaxMs: Int64 = 1000

    private let busyWait: BusyWait
    private let startUs = monotonicUs()
    private let waitedBeforeUs: Int

    /// Begins to measure, before the group begins.
    init(of busyWait: BusyWait) {
        self.busyWait = busyWait
        waitedBeforeUs = busyWait.waitedUs
    }

    /// The pause in milliseconds after a group of a background process.
    ///
    /// It is 0 if the lock was free. Otherwise others are waiting for the lock too, and together
    /// the pauses leave them at least a hundred times as much of it as this process takes.
    var pauseMs: Int64 {
        let waitedUs = busyWait.waitedUs - waitedBeforeUs
        guard waitedUs > 0 else { return 0 }
        let heldUs = max(0, monotonicUs() - startUs - waitedUs)
        return min(Self.pauseMaxMs, Int64(heldUs * Self.pauses / 1000))
    }
}
