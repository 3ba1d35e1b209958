import CPQ
import Storage

/// Who runs a statement.
enum StatementRunner {
    case read
    case write
    /// The store itself, which begins and ends transactions.
    case store
}

/// The prepared statements of a connection, by the literal parts of their `SQL`.
struct StatementNames {
    private var statements: [Key: PreparedStatement] = [:]
    private var uses = 0
    private var made = 0
    private var reported = (uses: 0, made: 0)
    private let statementsMax: Int
    /// Names that the server still knows and that nothing uses any more.
    private(set) var dropped: [String] = []

    init(statementsMax: Int) {
        self.statementsMax = statementsMax
    }

    var count: Int { statements.count }

    /// Adds the uses since the last report to `counts`, once for each transaction.
    mutating func report(to counts: PostgresCounts) {
        let (taken, new) = (uses - reported.uses, made - reported.made)
        reported = (uses, made)
        counts.statementsReused.add(taken - new, ordering: .relaxed)
        if new > 0 { counts.statementsPrepared.add(new, ordering: .relaxed) }
    }

    /// The statement for `sql`, whose text depends on who runs it.
    mutating func take(
        _ sql: SQL, by runner: StatementRunner, text: (SQL) throws -> String
    ) rethrows -> PreparedStatement {
        uses += 1
        let key = Key(parts: sql.parts, runner: runner)
        var known: [Oid] = []
        if let kept = statements[key] {
            if kept.accepts(sql.values) {
                kept.lastUse = uses
                return kept
            }
            known = kept.types
            remove(kept, at: key)
        }
        let types = sql.values.enumerated().map { index, value in
            value == .null && index < known.count ? known[index] : value.oid
        }
        let text = try text(sql)
        made += 1
        let statement = PreparedStatement(name: "s\(made)", text: text, types: types)
        statement.lastUse = uses
        if statements.count >= statementsMax { dropOldest() }
        statements[key] = statement
        return statement
    }

    /// Records that the server has prepared `statement`.
    mutating func confirm(_ statement: PreparedStatement) {
        statement.state = .prepared
        if statement.isOrphan { dropped.append(statement.name) }
    }

    /// Forgets a statement that the server has not prepared.
    mutating func forget(_ statement: PreparedStatement) {
        guard let key = statements.first(where: { $0.value === statement })?.key else { return }
        statements[key] = nil
    }

    /// The names to deallocate, which are then no longer in `dropped`.
    mutating func takeDropped() -> [String] {
        defer { dropped = [] }
        return dropped
    }

    /// Keeps `name` for a later attempt to deallocate it.
    mutating func drop(_ name: String) { dropped.append(name) }

    /// Removes the statement that was used least recently, unless its preparation is in progress.
    private mutating func dropOldest() {
        let idle = statements.filter { $0.value.state != .sent }
        guard let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        remove(oldest.value, at: oldest.key)
    }

    private mutating func remove(_ statement: PreparedStatement, at key: Key) {
        statements[key] = nil
        switch statement.state {
        case .new: break
        case .sent: statement.isOrphan = true
        case .prepared: dropped.append(statement.name)
        }
    }

    private struct Key: Hashable {
        let parts: [SQL.Part]
        let runner: StatementRunner

        // Few statements begin with the same part.
        func hash(into hasher: inout Hasher) {
            hasher.combine(parts.count)
            if let first = parts.first { hasher.combine(first) }
        }
    }
}
