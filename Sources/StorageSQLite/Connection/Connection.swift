import CSQLite
import Storage

/// The purpose of a connection.
enum Role {
    case reader
    case writer
}

/// A connection to the database, with its prepared statements.
///
/// `@unchecked Sendable`: one thread uses it at a time. The pool lends a reader to one thread, and
/// only the writer thread uses its connection.
final class Connection: @unchecked Sendable {
    let handle: Handle
    let role: Role
    let settings: StoreSettings
    let control: Control
    let checkpoint: CheckpointPolicy
    var statements: StatementCache
    /// Whether a statement has changed anything since the flag was last cleared.
    var hasChanged = false
    /// The error of a statement of the current write, which is over then.
    var failure: StoreError?
    /// The number of groups that will still run with a savepoint for each transaction.
    var groupsToGuard = 0

    init(_ settings: StoreSettings, role: Role, create: Bool = false) throws {
        handle = try Handle(
            settings.path, create: create, busyWaitMs: settings.busyWaitMs)
        self.role = role
        self.settings = settings
        control = try Control(handle, role: role)
        checkpoint = CheckpointPolicy(handle, settings.counts)
        statements = StatementCache(statementsMax: settings.statementsMax)
        addFunctions(to: handle.database)
        addRanking(to: handle.database)
        try configure(readOnly: settings.readOnly, for: settings.workload)
    }

    /// Whether a transaction is open.
    ///
    /// SQLite rolls a transaction back by itself if the disk is full or fails.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle.database) == 0 }

    /// Whether a deferred foreign key is violated now, so that COMMIT would fail.
    var hasBrokenForeignKey: Bool {
        var current: Int32 = 0
        var highest: Int32 = 0
        sqlite3_db_status(
            handle.database, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0)
        return current != 0
    }

    /// Rolls back the open transaction, if there is one.
    ///
    /// If the rollback fails, `isInTransaction` stays true, and the owner closes the connection.
    func rollBack() {
        guard isInTransaction else { return }
        do { try control.rollback.run() } catch {}
    }
}
