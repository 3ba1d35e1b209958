import CPQ

/// Runs `text` on a connection of its own, and returns a line for each row of its results, with
/// columns separated by `|`.
///
/// By libpq, because starting psql takes longer than most statements.
///
/// - Throws: `FixtureError` with the message of the server.
func query(_ text: String, at address: String) throws -> String {
    let connection = PQconnectdb(address)
    defer { PQfinish(connection) }
    func failure() -> FixtureError {
        FixtureError("\(text): \(String(cString: PQerrorMessage(connection)))")
    }
    guard PQstatus(connection) == CONNECTION_OK else { throw failure() }
    // Notices would be printed.
    PQsetNoticeProcessor(connection, { _, _ in }, nil)
    guard PQsendQuery(connection, text) == 1 else { throw failure() }
    var lines: [String] = []
    var fault: FixtureError?
    while let result = PQgetResult(connection) {
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK: lines += rows(of: result)
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
        default: fault = fault ?? failure()
        }
    }
    if let fault { throw fault }
    return lines.joined(separator: "\n")
}

private func rows(of result: OpaquePointer) -> [String] {
    (0..<PQntuples(result)).map { row in
        (0..<PQnfields(result)).map { column in
            PQgetvalue(result, row, column).map { String(cString: $0) } ?? ""
        }.joined(separator: "|")
    }
}
