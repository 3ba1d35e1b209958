public import Storage

extension PostgresStore {
    /// Returns the plan that the server uses for `sql` whatever its values, without running it.
    ///
    /// Small tables are read completely whatever indexes they have. So the plan avoids that if an
    /// index allows it: a line with "Seq Scan" means that no index does.
    ///
    /// - Returns: the lines of https://www.postgresql.org/docs/current/using-explain.html
    /// - Throws: `StoreError.engine` if `sql` does not compile.
    public func queryPlan(of sql: SQL) throws -> [String] {
        try withRead { transaction in
            for setting in [("enable_seqscan", "off"), ("plan_cache_mode", "force_generic_plan")] {
                try transaction.enqueue(
                    .prepared("SELECT set_config(\(setting.0), \(setting.1), true)", by: .store))
            }
            let types = sql.values.map(\.typeName).joined(separator: ", ")
            let nulls = sql.values.map { _ in "NULL" }.joined(separator: ", ")
            let text = try text(of: sql, by: .read)
            try transaction.enqueue(
                .once("PREPARE planned\(types.isEmpty ? "" : " (\(types))") AS \(text)", []))
            let result = try transaction.perform(
                .once(
                    "EXPLAIN (COSTS OFF) EXECUTE planned\(nulls.isEmpty ? "" : " (\(nulls))")", []))
            var lines: [String] = []
            try result?.each {
                lines.append(try $0["QUERY PLAN"])
                return true
            }
            try transaction.enqueue(.once("DEALLOCATE planned", []))
            try transaction.perform(.prepared("SELECT 1 AS n", by: .store))
            return lines
        }
    }
}

extension Value {
    /// The name of the type as which a parameter is bound.
    fileprivate var typeName: String {
        switch self {
        case .null: "unknown"
        case .integer: "bigint"
        case .text: "text"
        }
    }
}
