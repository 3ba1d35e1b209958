import CSQLite
import Storage

/// What a connection is for.
enum Role {
    case reader
    case writer
}

/// One connection, with the statements it has prepared.
///
/// `@unchecked Sendable`: one thread has it at a time. The pool lends a reader to one thread, and
/// the writer's never leaves the writer's thread.
final class Connection: @unchecked Sendable {
    let handle: Handle
    let role: Role
    let settings: StoreSettings
    let control: Control
    let checkpoint: CheckpointPolicy
    var statements: StatementCache
    /// Whether a statement has changed something since this was last set to false.
    var hasChanged = false
    /// How many groups of transactions are still to have a savepoint each.
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
        addTextFunctions(to: handle.database)
        try configure(readOnly: settings.readOnly, for: settings.workload)
    }

    /// Whether a transaction is open: SQLite ends one by itself when the disk is full or fails.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle.database) == 0 }

    /// Whether a DEFERRABLE foreign key is broken at this moment, which would make COMMIT fail.
    var hasBrokenForeignKey: Bool {
        var current: Int32 = 0
        var highest: Int32 = 0
        sqlite3_db_status(
            handle.database, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0)
        return current != 0
    }

    /// Undoes what is open.
    ///
    /// Where even that fails `isInTransaction` stays true, and who holds this connection drops it.
    func rollBack() {
        guard isInTransaction else { return }
        do { try control.rollback.run() } catch {}
    }
}
