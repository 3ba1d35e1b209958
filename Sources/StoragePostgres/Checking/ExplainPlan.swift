public import Storage

extension PostgresStore {
    /// Returns the plan that the server would use for `sql`, without running it.
    ///
    /// Small tables are read completely whatever indexes they have. So the plan avoids that if an
    /// index allows it: a line with "Seq Scan" means that no index does.
    ///
    /// - Returns: the lines of https://www.postgresql.org/docs/current/using-explain.html
    /// - Throws: `StoreError.engine` if `sql` does not compile.
    public func queryPlan(of sql: SQL) throws -> [String] {
        try withRead { transaction in
            try transaction.enqueue(
                .prepared("SELECT set_config('enable_seqscan', 'off', true)", by: .store))
            let text = try text(of: sql, by: .read)
            let result = try transaction.perform(.once("EXPLAIN (COSTS OFF) \(text)", sql.values))
            var lines: [String] = []
            try result?.each {
                lines.append(try $0["QUERY PLAN"])
                return true
            }
            return lines
        }
    }
}
