import Storage
import Threads

/// The settings of a store, which all its connections share.
struct PostgresSettings: Sendable {
    let address: ServerAddress
    var workload: Workload
    let busyWaitMs: Int64
    var connectionsMax: Int
    let statementsMax: Int
    /// The isolation level of writes; only tests change it.
    var isolation = WriteIsolation.readCommitted
    /// Limits how many reads with a time limit run at once.
    var limitedReads = Semaphore(8)
    /// The counters that all connections update.
    let counts = PostgresCounts()

    /// When a call that begins now ends, on the clock of `monotonicMs`.
    ///
    /// Nil means that it may take as long as it needs, as a command that reads whole tables does.
    func deadline() -> Int64? {
        workload != .wholeTables ? monotonicMs() + busyWaitMs : nil
    }

    /// The same for a command that reads whole tables.
    func forWholeTables(connectionsMax: Int) -> PostgresSettings {
        var settings = self
        settings.workload = .wholeTables
        settings.connectionsMax = connectionsMax
        return settings
    }
}

/// The isolation levels that writes can have.
enum WriteIsolation {
    case readCommitted
    /// Finds rows that a write must lock and does not: see DESIGN.md.
    case serializable

    /// The statement that begins a write.
    var begin: SQL {
        switch self {
        case .readCommitted: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
        case .serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
        }
    }
}
