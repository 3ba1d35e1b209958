import Threads

/// The purpose for which a store is opened.
public enum Workload: Sendable {
    /// Many short reads and writes by several threads in a sandbox.
    ///
    /// Each connection has a page cache of 2 MiB, maps nothing and writes no temporary files.
    case requests
    /// A command that reads all of a large shop.
    ///
    /// The file is mapped and each connection has a page cache of 128 MiB. Larger sorts use files
    /// in SQLITE_TMPDIR, TMPDIR or /var/tmp.
    case wholeTables
}

/// The settings of a store, which all its connections share.
struct StoreSettings: Sendable {
    let path: String
    var readOnly = false
    let workload: Workload
    let busyWaitMs: Int64
    let readersMax: Int
    let statementsMax: Int
    /// Limits how many reads with a time limit run at once.
    var limitedReads = Semaphore(8)
    /// The counters that all connections update.
    let counts = StoreCounts()
}
