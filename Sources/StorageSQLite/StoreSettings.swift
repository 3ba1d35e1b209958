import Threads

/// What a store is opened for.
public enum Workload: Sendable {
    /// Many short reads and writes by several threads, in a sandbox: each connection has a small
    /// cache, and nothing is mapped or put into files of its own.
    case requests
    /// A command that goes through all of a large shop: the file is mapped, each connection has a
    /// cache of 128 MiB, and what it sorts beyond that is put into SQLITE_TMPDIR, TMPDIR or
    /// /var/tmp.
    case wholeTables
}

/// How a store opens its connections.
struct StoreSettings: Sendable {
    let path: String
    var readOnly = false
    let workload: Workload
    let busyWaitMs: Int64
    let readersMax: Int
    let statementsMax: Int
    /// Admits reads with a time limit.
    var limitedReads = Semaphore(8)
    /// Where its connections count what they do.
    let counts = StoreCounts()
}
