import Storage

/// The prepared statements of a connection, by the literal parts of their `SQL`.
///
/// Preparing a statement takes longer than reading a product.
struct StatementCache {
    private var statements: [Key: Statement] = [:]
    private var uses = 0
    private var prepared = 0
    private var reported = (uses: 0, prepared: 0)
    private let statementsMax: Int

    init(statementsMax: Int) {
        self.statementsMax = statementsMax
    }

    var count: Int { statements.count }

    /// Adds the uses since the last report to `counts`.
    ///
    /// This runs once for each transaction, not for each statement, because all threads share the
    /// counters.
    mutating func report(to counts: StoreCounts) {
        let (taken, made) = (uses - reported.uses, prepared - reported.prepared)
        reported = (uses, prepared)
        counts.statementsReused.add(taken - made, ordering: .relaxed)
        if made > 0 { counts.statementsPrepared.add(made, ordering: .relaxed) }
    }

    /// Returns the statement for `sql`, marked as in use; `prepare` creates it if it is not cached.
    ///
    /// If the cached statement is being stepped, the caller gets another one that is not cached.
    /// That happens when the visitor of a statement runs the same statement.
    mutating func take(_ sql: SQL, prepare: (SQL) throws -> Statement) throws -> Statement {
        uses += 1
        let key = Key(parts: sql.parts)
        if let kept = statements[key] {
            guard !kept.isInUse else {
                prepared += 1
                return try prepare(sql)
            }
            kept.isInUse = true
            kept.lastUse = uses
            return kept
        }
        prepared += 1
        let statement = try prepare(sql)
        statement.isInUse = true
        statement.lastUse = uses
        if statements.count >= statementsMax { dropOldest() }
        statements[key] = statement
        return statement
    }

    /// Removes the idle statement that was used least recently.
    ///
    /// It looks at every statement, which costs little compared with preparing one.
    private mutating func dropOldest() {
        let idle = statements.filter { !$0.value.isInUse }
        guard let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        statements[oldest.key] = nil
    }

    mutating func removeAll() {
        statements.removeAll()
    }

    /// The key of a statement.
    ///
    /// It hashes only the first part, because few statements begin with the same one.
    private struct Key: Hashable {
        let parts: [SQL.Part]

        func hash(into hasher: inout Hasher) {
            hasher.combine(parts.count)
            if let first = parts.first { hasher.combine(first) }
        }
    }
}
