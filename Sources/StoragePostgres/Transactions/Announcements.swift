import Storage

/// The statements that a body has announced, with the results of those that were sent.
///
/// They follow the next statement in the same round trip. The body gets a result when it performs
/// the statement.
struct Announcements {
    private struct Announcement {
        let sql: SQL
        let runner: StatementRunner
        /// Whether it changes rows, so that a commit without asking for it is a mistake.
        let isChange: Bool
        var isSent = false
        var result: QueryResult?
    }

    /// Few, and in the order in which they were announced.
    private var all: [Announcement] = []

    mutating func add(_ sql: SQL, by runner: StatementRunner, isChange: Bool) {
        all.append(Announcement(sql: sql, runner: runner, isChange: isChange))
    }

    /// What to send after the next statement.
    var unsent: [QueuedStatement] {
        all.filter { !$0.isSent }.map { .announced($0.sql, by: $0.runner) }
    }

    /// Drops what was not sent.
    ///
    /// - Throws: `StoreError.misuse` if a change was sent and the body did not ask for it.
    mutating func close() throws {
        let isUnseen = all.contains { $0.isChange && $0.isSent }
        all = []
        if isUnseen { throw StoreError.misuse("The body announced a change and did not run it.") }
    }

    /// Stores the results of `unsent`, in its order.
    mutating func receive(_ results: [QueryResult]) {
        guard !all.isEmpty else { return }
        var results = results[...]
        for index in all.indices where !all[index].isSent {
            all[index].isSent = true
            all[index].result = results.popFirst()
        }
    }

    /// The result of a statement, if it was announced and sent.
    ///
    /// The statement is then no longer announced, whether it was sent or not.
    mutating func take(_ statement: QueuedStatement) -> QueryResult? {
        guard !all.isEmpty, case .prepared(let sql, _) = statement,
            let index = all.firstIndex(where: { $0.sql.isSame(as: sql) })
        else { return nil }
        return all.remove(at: index).result
    }
}
