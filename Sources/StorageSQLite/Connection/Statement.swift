import CSQLite
import Storage

/// One prepared statement.
final class Statement {
    /// The names in its result, read once: rows share them.
    let columns: Columns
    /// Whether it leaves the database as it is.
    let isReadOnly: Bool
    /// Whether it is INSERT, UPDATE or DELETE, which tell how many rows they changed.
    let countsChanges: Bool
    /// Whether it is being stepped, so that nobody else may.
    var isInUse = false
    /// When it was last used, counted in uses of its cache.
    var lastUse = 0
    private let handle: Handle
    private let statement: OpaquePointer
    private let holes: Int

    /// Prepares `text`, which must be exactly one statement.
    init(_ text: String, on handle: Handle) throws {
        let statement = try text.withCString { try Statement.prepare($0, on: handle.database) }
        self.handle = handle
        self.statement = statement
        columns = Columns(
            (0..<sqlite3_column_count(statement)).map {
                sqlite3_column_name(statement, $0).map { String(cString: $0) } ?? ""
            })
        isReadOnly = sqlite3_stmt_readonly(statement) != 0
        holes = Int(sqlite3_bind_parameter_count(statement))
        countsChanges = ["INSERT", "UPDATE", "DELETE"].contains { text.hasPrefix($0) }
    }

    deinit {
        sqlite3_finalize(statement)
    }

    private static func prepare(_ text: UnsafePointer<CChar>, on database: OpaquePointer) throws
        -> OpaquePointer
    {
        var statement: OpaquePointer?
        var rest: UnsafePointer<CChar>?
        // PERSISTENT: it will be kept, so it takes no memory that is meant for short lives.
        let code = sqlite3_prepare_v3(
            database, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, &rest)
        guard code == SQLITE_OK else {
            throw StoreError(code, on: database, sql: String(cString: text))
        }
        // SQLite compiles the first statement and would silently leave the others.
        guard let statement, rest.map({ $0.pointee == 0 }) ?? true else {
            sqlite3_finalize(statement)
            throw StoreError.misuse("This is not exactly one statement.", String(cString: text))
        }
        return statement
    }

    /// Whether it neither reads nor writes: BEGIN, COMMIT, SAVEPOINT, a PRAGMA that sets.
    var isControl: Bool { isReadOnly && columns.names.isEmpty }

    /// Whether it is EXPLAIN or EXPLAIN QUERY PLAN, which run nothing.
    var isExplanation: Bool { sqlite3_stmt_isexplain(statement) != 0 }

    /// What was prepared.
    var text: String { sqlite3_sql(statement).map { String(cString: $0) } ?? "" }

    func bind(_ values: [Value]) throws {
        guard values.count == holes else {
            throw StoreError.misuse("\(values.count) values for \(holes) holes.", text)
        }
        var index: Int32 = 0
        for value in values {
            index += 1
            let code =
                switch value {
                case .null: sqlite3_bind_null(statement, index)
                case .integer(let number): sqlite3_bind_int64(statement, index, number)
                case .text(let text): bind(text, at: index)
                }
            guard code == SQLITE_OK else { throw failure(code) }
        }
    }

    private func bind(_ text: String, at index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            // A nil pointer would be NULL, and an empty text is a text.
            guard let start = bytes.baseAddress else {
                return souk_bind_text(statement, index, "", 0)
            }
            return souk_bind_text(statement, index, start, UInt64(bytes.count))
        }
    }

    /// Goes to the next row: false at the end.
    func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    /// Steps through a statement without holes, for what it does.
    func run() throws {
        defer { sqlite3_reset(statement) }
        while try step() {}
    }

    /// Makes it ready for its next use and drops the values it held.
    func reset() {
        // Its answer repeats the error of the last step, which has been thrown by then.
        sqlite3_reset(statement)
        if holes > 0 { sqlite3_clear_bindings(statement) }
    }

    /// The row it stands on, in place of the one before.
    func read(into row: inout Row) throws {
        try row.advance(value(at:))
    }

    func value(at column: Int) throws -> Value {
        // Once, and not for the type, the text and its length: each asks anew whether there is such
        // a column. Only one thread has the connection, so an unprotected value is as good as any.
        // https://www.sqlite.org/c3ref/column_blob.html
        let value = sqlite3_column_value(statement, Int32(truncatingIfNeeded: column))
        switch sqlite3_value_type(value) {
        case SQLITE_INTEGER: return .integer(sqlite3_value_int64(value))
        case SQLITE_NULL: return .null
        case SQLITE_TEXT:
            let start = sqlite3_value_text(value)
            let count = Int(sqlite3_value_bytes(value))
            // Another program may have written what is no UTF-8: it is repaired, never trusted.
            return .text(
                String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_FLOAT: throw StoreError.column(columns.names[column], "holds a REAL")
        default: throw StoreError.column(columns.names[column], "holds a BLOB")
        }
    }

    private func failure(_ code: Int32) -> StoreError {
        StoreError(code, on: handle.database, sql: text)
    }
}
