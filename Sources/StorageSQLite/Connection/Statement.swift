import CSQLite
import Storage

/// A prepared statement.
final class Statement {
    /// The names of the result columns, read once and shared by all rows.
    let columns: Columns
    /// Whether the statement changes nothing in the database.
    let isReadOnly: Bool
    /// Whether it is INSERT, UPDATE or DELETE, for which SQLite counts the changed rows.
    let countsChanges: Bool
    /// Whether it is being stepped, so that nobody else may use it.
    var isInUse = false
    /// When it was last used, as the count of uses of its cache.
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
        // PERSISTENT: the statement lives long, so it must not use SQLite's lookaside memory.
        let code = sqlite3_prepare_v3(
            database, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, &rest)
        guard code == SQLITE_OK else {
            throw StoreError(code, on: database, sql: String(cString: text))
        }
        // SQLite compiles the first statement and silently ignores the others.
        guard let statement, rest.map({ $0.pointee == 0 }) ?? true else {
            sqlite3_finalize(statement)
            throw StoreError.misuse("The text is not exactly one statement.", String(cString: text))
        }
        return statement
    }

    /// Whether it neither reads nor writes tables: BEGIN, COMMIT, SAVEPOINT, or a PRAGMA that sets
    /// a value.
    var isControl: Bool { isReadOnly && columns.names.isEmpty }

    /// Whether it is EXPLAIN or EXPLAIN QUERY PLAN, which do not run the statement.
    var isExplanation: Bool { sqlite3_stmt_isexplain(statement) != 0 }

    /// The SQL text that was prepared.
    var text: String { sqlite3_sql(statement).map { String(cString: $0) } ?? "" }

    func bind(_ values: [Value]) throws {
        guard values.count == holes else {
            throw StoreError.misuse("\(values.count) values for \(holes) parameters.", text)
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
            // A nil pointer would bind NULL instead of an empty string.
            guard let start = bytes.baseAddress else {
                return souk_bind_text(statement, index, "", 0)
            }
            return souk_bind_text(statement, index, start, UInt64(bytes.count))
        }
    }

    /// Steps to the next row, and returns false after the last one.
    func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    /// Runs a statement that has no parameters, and ignores its rows.
    func run() throws {
        defer { sqlite3_reset(statement) }
        while try step() {}
    }

    /// Resets the statement and clears its bound values.
    func reset() {
        // The result code repeats the error of the last step, which has already been thrown.
        sqlite3_reset(statement)
        if holes > 0 { sqlite3_clear_bindings(statement) }
    }

    /// Reads the current row into `row`, replacing its values.
    func read(into row: inout Row) throws {
        try row.advance(value(at:))
    }

    func value(at column: Int) throws -> Value {
        // One call for the value is faster than separate calls for its type, text and length, which
        // each check the column again. An unprotected value is safe, because one thread uses the
        // connection. https://www.sqlite.org/c3ref/column_blob.html
        let value = sqlite3_column_value(statement, Int32(truncatingIfNeeded: column))
        switch sqlite3_value_type(value) {
        case SQLITE_INTEGER: return .integer(sqlite3_value_int64(value))
        case SQLITE_NULL: return .null
        case SQLITE_TEXT:
            let start = sqlite3_value_text(value)
            let count = Int(sqlite3_value_bytes(value))
            // Another program may have written invalid UTF-8. It is repaired here.
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
