import CPQ
import Storage

/// An error that the server reports.
///
/// https://www.postgresql.org/docs/current/errcodes-appendix.html
struct ServerFailure: Error {
    /// The SQLSTATE, five letters and digits.
    let state: String
    let message: String
    let constraint: String
    let table: String
    let column: String
    /// The text of the statement that failed.
    let sql: String

    /// Reads the error of `result`.
    init(_ result: OpaquePointer?, sql: String) {
        func field(_ code: Unicode.Scalar) -> String {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) } ?? ""
        }
        state = field("C")
        message = field("M")
        constraint = field("n")
        table = field("t")
        column = field("c")
        self.sql = sql
    }

    /// Whether the server has ended the connection.
    var endsConnection: Bool {
        state.hasPrefix("08") || state.hasPrefix("57P") || state == "25P03" || state.isEmpty
    }

    /// Whether the server can no longer run the statement as this connection has prepared it.
    ///
    /// Another process has changed the schema (0A000) or removed the statement (26000).
    var isOfStaleStatement: Bool {
        (state == "0A000" && !isOfReadOnlyServer) || state == "26000"
    }

    /// Whether the server took the update of a transaction that was ending for one in progress.
    ///
    /// A row that is locked and updated has a list of its transactions. For a moment, one of them
    /// that has rolled back still counts as running, and the next update of the row then fails.
    var isOfEndingTransaction: Bool {
        state == "XX000"
            && message.hasPrefix("new multixact has more than one updating member")
    }

    /// Whether the server is a standby, or a primary that has been replaced.
    ///
    /// A standby refuses the BEGIN of a write (0A000). In a read, 25006 means that the program wrote.
    var isOfReadOnlyServer: Bool {
        state == "25006" || (state == "0A000" && sql.hasPrefix("BEGIN "))
    }

    /// The message, and what to do if a standby has cancelled a read.
    ///
    /// https://www.postgresql.org/docs/15/hot-standby.html#HOT-STANDBY-CONFLICT
    var explanation: String {
        guard state == "40001" else { return message }
        return """
            \(message). Set hot_standby_feedback = on on the standby, or raise its \
            max_standby_streaming_delay.
            """
    }

    /// The error for the program that uses the store.
    ///
    /// `isWrite` says whether the transaction is a write.
    func storeError(isWrite: Bool) -> StoreError {
        switch state {
        case "23505", "23514", "23P01": return .constraint(constraint)
        case "23503": return .constraint("foreign_key")
        case "23502": return .constraint("\(table)_\(column)_not_null")
        // A read of one snapshot cannot fail to be serialized.
        case "40001" where !isWrite: return .unavailable(explanation)
        // A failed serialization, a deadlock, and a lock that was not free in time.
        case "40001", "40P01", "55P03": return .busy
        case "57014": return .timeout
        case "42P01": return .noTable(quoted(in: message))
        case _ where isOfReadOnlyServer && isWrite:
            return .unavailable("The server accepts no writes: \(message).")
        case "53300": return .unavailable("The server has no connection left: \(message).")
        case "53100": return .unavailable("The disk of the server is full: \(message).")
        case let state where state.hasPrefix("53") || state.hasPrefix("58") || endsConnection:
            return .unavailable("\(message) (SQLSTATE \(state))")
        default: return .engine(code: 0, message: "\(message) (SQLSTATE \(state))", sql: sql)
        }
    }
}

/// The first quoted name in `message`, or all of it.
private func quoted(in message: String) -> String {
    let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.count > 2 ? String(parts[1]) : message
}

/// The connection broke, or the server ended it.
struct ConnectionLost: Error {
    let reason: String
    /// How many of the sent statements have no answer, or nil if the server has not said which one
    /// ended the connection.
    ///
    /// Without a message of the server, any of them may have run.
    var unanswered: Int?
}

/// The server did not answer before the deadline of the call.
struct AnswerOverdue: Error {}

extension StoreError {
    /// A bug in the program that uses the store.
    static func misuse(_ message: String, _ sql: String = "") -> StoreError {
        .engine(code: 0, message: message, sql: sql)
    }

    static let closed = StoreError.unavailable("The store is closed.")
}
