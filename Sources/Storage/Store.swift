/// A database.
///
/// Everything a slice knows of one is on this page.
public protocol Store: Sendable {
    /// Runs `body` on one snapshot: whatever it reads was true at one moment.
    ///
    /// It must not write.
    /// - Throws: what `body` throws, or `StoreError.busy`.
    func read<T>(_ body: (any Transaction) throws -> T) throws -> T

    /// Runs `body` in a transaction of its own, which is durable when this returns and undone when
    /// `body` throws.
    ///
    /// Writers run one at a time. `body` may run again if the engine undid it through no fault of
    /// its own, so it holds SQL and sums and nothing that is seen outside.
    /// - Throws: what `body` throws, or `StoreError.busy` where the database stayed locked beyond
    ///   the time-out.
    @discardableResult
    func write<T: Sendable>(_ end: TransactionEnd, _ body: @Sendable (any Transaction) throws -> T)
        throws -> T
}

/// What becomes of a transaction whose body returned.
public enum TransactionEnd: Sendable {
    case commit
    /// A dry run: the real statements and constraints, and then nothing has happened.
    case rollback
}

extension Store {
    /// `write(.commit, body)`.
    @discardableResult
    public func write<T: Sendable>(_ body: @Sendable (any Transaction) throws -> T) throws -> T {
        try write(.commit, body)
    }
}

/// An open transaction.
///
/// Functions that take one `in tx` run inside their caller's.
public protocol Transaction {
    /// Runs `sql` and hands its rows to `visit` in their order, for as long as it returns true.
    /// - Returns: how many rows the statement changed.
    /// - Throws: `StoreError`, or what `visit` throws.
    @discardableResult
    func each(_ sql: SQL, _ visit: (Row) throws -> Bool) throws -> Int

    /// Runs an INSERT of one row into a table that numbers its rows (`.identity`, `.serial`).
    ///
    /// Less work for an engine than RETURNING, which collects rows in a table of its own.
    /// - Returns: the number that the row was given.
    /// - Throws: `StoreError`.
    func insert(_ sql: SQL) throws -> Int64

    /// Runs `body`, which only reads, with a limit on its time.
    ///
    /// An engine runs few of these at once, so that costly reads leave threads for others.
    /// - Throws: what `body` throws; `StoreError.timeout` after `milliseconds`; `StoreError.busy`
    ///   where too many run already.
    func within<T>(milliseconds: Int64, _ body: () throws -> T) throws -> T
}

extension Transaction {
    /// Runs `sql` for its effect.
    /// - Returns: how many rows it changed.
    @discardableResult
    public func run(_ sql: SQL) throws -> Int {
        try each(sql) { _ in true }
    }

    /// The first row, or nil.
    @inlinable public func first(_ sql: SQL) throws -> Row? {
        var found: Row?
        try each(sql) {
            found = $0
            return false
        }
        return found
    }

    /// Every row, each decoded by `decode`.
    @inlinable public func all<T>(_ sql: SQL, _ decode: (Row) throws -> T) throws -> [T] {
        var rows: [T] = []
        try each(sql) {
            rows.append(try decode($0))
            return true
        }
        return rows
    }
}

/// What a database says no with.
public enum StoreError: Error, Equatable {
    /// Somebody else held the database beyond the time-out.
    ///
    /// Worth another try.
    case busy
    /// A read reached its time limit.
    case timeout
    /// The disk is full, memory is short, or the database cannot be written to at present.
    ///
    /// Reads may go on.
    case unavailable(String)
    /// A constraint failed, by its name.
    ///
    /// What has no name of its own has the one PostgreSQL would give it: `customers_username_key`
    /// for `UNIQUE (username)` on `customers`. An engine may tell a UNIQUE by its columns alone, so
    /// one that is given a name (an index, say) is given this one.
    case constraint(String)
    /// A column that is not there, or is not what it was read as.
    case column(String, String)
    /// The schema is not the one this program was built for.
    case schema(String)
    /// Anything else, with the engine's own code, its words and the statement.
    case engine(code: Int32, message: String, sql: String)
}

extension StoreError: CustomStringConvertible {
    /// A sentence for the operator.
    public var description: String {
        switch self {
        case .busy: "The database is locked by somebody else."
        case .timeout: "The read reached its time limit."
        case .unavailable(let reason): "The database cannot be used: \(reason)"
        case .constraint(let name): "The constraint \(name) does not hold."
        case .column(let name, let fault): "The column \(name) \(fault)."
        case .schema(let sentence): sentence
        case .engine(let code, let message, let sql): "\(message) (\(code)), in: \(sql)"
        }
    }
}
