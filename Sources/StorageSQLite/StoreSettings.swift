import Storage
import Threads

/// The settings of a store, which all its connections share.
struct StoreSettings: Sendable {
    let path: String
    var readOnly = false
    /// With `requests` and `background`, each connection has a page cache of 2 MiB, maps nothing and writes no
    /// temporary files.
    ///
    /// With `wholeTables`, the file is mapped and each connection has a page cache of 128 MiB.
    /// Larger sorts use files in SQLITE_TMPDIR, TMPDIR or /var/tmp.
    let workload: Workload
    let busyWaitMs: Int64
    let readersMax: Int
    let statementsMax: Int
    /// Limits how many reads with a time limit run at once.
    var limitedReads = Semaphore(8)
    /// The counters that all connections update.
    let counts = StoreCounts()
}
