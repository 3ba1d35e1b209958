import CSQLite
import Glibc
import Storage

private let noSuchTable = "no such table: "

extension StoreError {
    /// Translates SQLite's extended result code.
    ///
    /// https://www.sqlite.org/rescode.html
    init(_ code: Int32, on database: OpaquePointer?, sql: String) {
        let message = sqlite3_errmsg(database).map { String(cString: $0) } ?? "out of memory"
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        // Only the progress handler of `within` interrupts a statement.
        case SQLITE_INTERRUPT: self = .timeout
        case SQLITE_FULL, SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_NOMEM:
            self = .unavailable("\(message) (SQLite \(code)\(StoreError.cause(database)))")
        case SQLITE_CONSTRAINT:
            if let name = constraintName(code, message) {
                self = .constraint(name)
            } else {
                self = .engine(code: code, message: message, sql: sql)
            }
        // SQLite has no code of its own for this.
        case SQLITE_ERROR where message.hasPrefix(noSuchTable):
            self = .noTable(String(message.dropFirst(noSuchTable.count)))
        default: self = .engine(code: code, message: message, sql: sql)
        }
    }

    /// A bug in the program that uses the store.
    static func misuse(_ message: String, _ sql: String = "") -> StoreError {
        .engine(code: SQLITE_MISUSE, message: message, sql: sql)
    }

    static let closed = StoreError.unavailable("The store is closed.")

    /// The error message of the operating system, such as "No space left on device".
    private static func cause(_ database: OpaquePointer?) -> String {
        guard let database else { return "" }
        let number = sqlite3_system_errno(database)
        guard number != 0, let text = strerror(number) else { return "" }
        return ": \(String(cString: text))"
    }
}
