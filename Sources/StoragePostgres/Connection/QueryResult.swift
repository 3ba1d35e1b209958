import CPQ
import Storage

/// The result of a statement, freed with this object.
final class QueryResult {
    let result: OpaquePointer
    /// The statement that it belongs to, if that was prepared.
    var statement: PreparedStatement?

    init(_ result: OpaquePointer) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    private var status: ExecStatusType { PQresultStatus(result) }

    var isSuccess: Bool { status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK }

    /// Whether the server skipped the statement after the failure of an earlier one.
    var isSkipped: Bool { status == PGRES_PIPELINE_ABORTED }

    /// Whether it is the answer to a sync, which libpq follows by no further result.
    var endsRound: Bool { status == PGRES_PIPELINE_SYNC }

    /// The error of the statement `sql`, or nil.
    func failure(of sql: String) -> ServerFailure? {
        isSuccess || isSkipped ? nil : ServerFailure(result, sql: sql)
    }

    /// The command that the server ran, such as `UPDATE 3`.
    var command: String { String(cString: PQcmdStatus(result)) }

    /// The number of rows that an INSERT, UPDATE or DELETE changed.
    var changedCount: Int {
        guard ["INSERT", "UPDATE", "DELETE", "MERGE"].contains(where: command.hasPrefix) else {
            return 0
        }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    /// Passes the rows to `visit`, while that returns true.
    func each(_ visit: (Row) throws -> Bool) throws {
        guard status == PGRES_TUPLES_OK, PQntuples(result) > 0 else { return }
        let shape = statement?.shape ?? RowShape(result)
        statement?.shape = shape
        try shape.each(of: result, visit)
    }

    var count: Int { Int(PQntuples(result)) }
}
