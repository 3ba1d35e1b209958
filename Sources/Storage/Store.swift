/// A database.
///
/// This page is everything that the slices use of it.
public protocol Store: Sendable {
    /// Runs `body` on one snapshot of the database.
    ///
    /// `body` must not write.
    /// - Throws: the errors of `body`, or `StoreError.busy`.
    func read<T>(_ body: (any Transaction) throws -> T) throws -> T

    /// Runs `body` in a transaction, which is durable when this returns.
    ///
    /// The transaction is rolled back if `body` throws. Writers run one at a time. The engine may
    /// roll back and run `body` again, so `body` must have no side effects outside the transaction.
    /// - Throws: the errors of `body`, or `StoreError.busy` if the database stayed locked until the
    ///   timeout.
    @discardableResult
    func write<T: Sendable>(_ end: TransactionEnd, _ body: @Sendable (any Transaction) throws -> T)
        throws -> T
}

/// How a transaction ends after its body returned.
public enum TransactionEnd: Sendable {
    case commit
    /// A dry run: the statements and constraints run, and then the changes are rolled back.
    case rollback
}

extension Store {
    /// Runs `body` and commits: `write(.commit, body)`.
    @discardableResult
    public func write<T: Sendable>(_ body: @Sendable (any Transaction) throws -> T) throws -> T {
        try write(.commit, body)
    }
}

/// An open transaction.
///
/// After a `StoreError` it is over: further statements fail, and it is rolled back. Numbers of rows
/// may have gaps, and rows may be committed in another order than their numbers. Functions with a
/// parameter `in tx` run inside their caller's transaction.
public protocol Transaction {
    /// Runs `sql` and passes its rows to `visit` in order, while that returns true.
    /// - Returns: the number of rows that the statement changed.
    /// - Throws: `StoreError`, or the errors of `visit`.
    @discardableResult
    func each(_ sql: SQL, _ visit: (Row) throws -> Bool) throws -> Int

    /// Runs an INSERT of one row into a table that numbers its rows (`.identity`, `.serial`).
    ///
    /// It is cheaper than RETURNING, for which an engine collects rows in a temporary table.
    /// - Returns: the number of the new row.
    /// - Throws: `StoreError`.
    func insert(_ sql: SQL) throws -> Int64

    /// Runs an UPDATE of at most one row, and then reads that row.
    ///
    /// SQLite runs two statements, because RETURNING collects rows in a temporary table. PostgreSQL
    /// runs one, because a second one costs a round trip.
    ///
    /// - Parameters:
    ///   - sql: an UPDATE without RETURNING.
    ///   - columns: the columns that `row` selects, for RETURNING.
    ///   - row: a SELECT of the updated row.
    /// - Returns: nil if no row was changed.
    /// - Throws: `StoreError`.
    func update(_ sql: SQL, returning columns: StaticString, from row: SQL) throws -> Row?

    /// Runs `sql`, whose result is not needed, no later than the next statement or the commit.
    ///
    /// An engine on another machine sends it together with that, which saves a round trip. The next
    /// statement or the commit then throws its error.
    /// - Throws: `StoreError`.
    func later(_ sql: SQL) throws

    /// Announces that `first` will run `sql`, whatever the next statement returns.
    ///
    /// An engine on another machine sends it right after the next statement, which saves a round
    /// trip. Others do nothing. So the statements until `first` must not change what it reads. If
    /// `first` does not run it, its result is dropped.
    func announce(_ sql: SQL)

    /// Announces that `update` will run `sql`, whatever the next statement returns.
    ///
    /// Then `update` must run it, or the transaction must not be committed. The statements until then
    /// must not read or change its row.
    func announce(_ sql: SQL, returning columns: StaticString)

    /// Like `each`, for a result of any size: rows are read in portions.
    /// - Throws: `StoreError`, or the errors of `visit`.
    func stream(_ sql: SQL, _ visit: (Row) throws -> Bool) throws

    /// Continues the numbers of `table` after its highest `id`.
    ///
    /// Required after rows were inserted with an explicit `id`.
    /// - Throws: `StoreError`.
    func numbered(_ table: StaticString) throws

    /// A text that identifies the place where this database is stored.
    ///
    /// It stays the same while the database is in use, also after a restart. It differs in each copy,
    /// after the restore of a backup and after the promotion of a standby. See docs/decisions/0008.
    /// Call it only in a write.
    /// - Throws: `StoreError`.
    func storageIdentity() throws -> String

    /// Waits until no other process changes the schema, and keeps others from it until the end of
    /// the transaction.
    /// - Throws: `StoreError`.
    func lockSchema() throws

    /// Arranges what migrations have created in the way that suits the engine.
    ///
    /// It changes no rule of the schema. A second call changes nothing.
    /// - Throws: `StoreError`.
    func finishSchema() throws

    /// Waits until no other transaction holds the lock `name`, and holds it until this one ends.
    ///
    /// It is for a limit on rows that others may be about to insert, which no row lock covers. Take
    /// the locks of one kind before those of the next, so that no two transactions deadlock. An
    /// engine that runs one writer at a time needs no such locks. Call it only in a write.
    /// - Throws: `StoreError`.
    func lock(_ name: String) throws

    /// Runs `body`, which only reads, with a limit on its processor time.
    ///
    /// By the clock, it may take several times as long.
    ///
    /// An engine runs few of these at once, so that costly reads leave threads for others.
    /// - Throws: the errors of `body`; `StoreError.timeout` after `milliseconds`; `StoreError.busy`
    ///   if too many are running.
    func within<T>(milliseconds: Int64, _ body: () throws -> T) throws -> T
}

extension Transaction {
    /// Does nothing: the tables are as they were created.
    public func finishSchema() {}

    /// Does nothing: a statement costs no round trip.
    public func announce(_ sql: SQL) {}

    /// Does nothing: a statement costs no round trip.
    public func announce(_ sql: SQL, returning columns: StaticString) {}

    /// Runs `sql` for its effect.
    /// - Returns: the number of rows that it changed.
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

    /// All rows, each decoded by `decode`.
    @inlinable public func all<T>(_ sql: SQL, _ decode: (Row) throws -> T) throws -> [T] {
        var rows: [T] = []
        try each(sql) {
            rows.append(try decode($0))
            return true
        }
        return rows
    }
}

/// An error of a database.
public enum StoreError: Error, Equatable {
    /// Another process or thread held the lock until the timeout.
    ///
    /// The caller may retry.
    case busy
    /// A read reached its time limit.
    case timeout
    /// The disk is full, memory is short, or the database cannot be written at present.
    ///
    /// Reads may still succeed.
    case unavailable(String)
    /// The connection failed during the commit, so the changes were made either all or not at all.
    case outcomeUnknown(String)
    /// The table does not exist.
    case noTable(String)
    /// A constraint failed, identified by its name.
    ///
    /// A constraint without a name has PostgreSQL's default name: `customers_username_key` for
    /// `UNIQUE (username)` on `customers`. An engine may report only the columns of a UNIQUE
    /// constraint. A named one, such as an index, must therefore have this default name.
    case constraint(String)
    /// The column does not exist or has another type than expected.
    case column(String, String)
    /// The schema differs from the one that this program requires.
    case schema(String)
    /// Any other error, with the engine's code, its message and the statement.
    case engine(code: Int32, message: String, sql: String)
}

extension StoreError: CustomStringConvertible {
    /// A sentence for the operator.
    public var description: String {
        switch self {
        case .busy: "The database is locked. Retry later."
        case .timeout: "The read reached its time limit."
        case .unavailable(let reason): "The database cannot be used: \(reason)"
        case .outcomeUnknown(let reason):
            "It is not known whether the change was committed: \(reason)"
        case .noTable(let name): "The table \(name) does not exist."
        case .constraint(let name): "The constraint \(name) does not hold."
        case .column(let name, let fault): "The column \(name) \(fault)."
        case .schema(let sentence): sentence
        case .engine(let code, let message, let sql): "\(message) (\(code)), in: \(sql)"
        }
    }
}
