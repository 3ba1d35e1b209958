/// The statements that begin and end transactions, prepared once for each connection.
struct Control {
    let begin: Statement
    let commit: Statement
    let rollback: Statement
    /// For one job of a batch: `savepoint`, then `release`, or `undo` and `release`.
    let savepoint: Statement
    let release: Statement
    let undo: Statement

    init(_ handle: Handle, role: Role) throws {
        // If another connection has written in between, a deferred BEGIN fails at its first write,
        // without waiting. https://www.sqlite.org/rescode.html#busy_snapshot
        begin = try Statement(role == .writer ? "BEGIN IMMEDIATE" : "BEGIN", on: handle)
        commit = try Statement("COMMIT", on: handle)
        rollback = try Statement("ROLLBACK", on: handle)
        savepoint = try Statement("SAVEPOINT job", on: handle)
        release = try Statement("RELEASE job", on: handle)
        undo = try Statement("ROLLBACK TO job", on: handle)
    }
}
