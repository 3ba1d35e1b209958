import Storage

/// The statements a connection has prepared, by the parts of their `SQL`.
///
/// Preparing takes longer than reading a product does.
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

    /// Adds what was taken since the last time: once a transaction, and not at each statement, so
    /// that threads seldom meet there.
    mutating func report(to counts: StoreCounts) {
        let (taken, made) = (uses - reported.uses, prepared - reported.prepared)
        reported = (uses, prepared)
        counts.statementsReused.add(taken - made, ordering: .relaxed)
        if made > 0 { counts.statementsPrepared.add(made, ordering: .relaxed) }
    }

    /// The statement for `sql`, marked as in use, which `prepare` makes where there is none.
    ///
    /// Where the kept one is being stepped, as when rows are read inside the visit of the same
    /// statement, the caller gets another that is not kept.
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

    /// Looks at every statement, which is little beside the preparing that made it necessary.
    private mutating func dropOldest() {
        let idle = statements.filter { !$0.value.isInUse }
        guard let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        statements[oldest.key] = nil
    }

    mutating func removeAll() {
        statements.removeAll()
    }

    /// Statements that begin with the same piece of source are few, so it alone is hashed.
    private struct Key: Hashable {
        let parts: [SQL.Part]

        func hash(into hasher: inout Hasher) {
            hasher.combine(parts.count)
            if let first = parts.first { hasher.combine(first) }
        }
    }
}
