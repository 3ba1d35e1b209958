import Storage

extension SQLiteStore {
    /// How SQLite would run `sql`, which it does not run.
    ///
    /// For tests and operators: a line that begins with SCAN reads a whole table or index.
    /// - Returns: the detail lines of https://www.sqlite.org/eqp.html, in the order of the plan.
    /// - Throws: `StoreError.engine` where `sql` does not compile.
    public func queryPlan(of sql: SQL) throws -> [String] {
        try read { tx in
            try tx.all("EXPLAIN QUERY PLAN \(sql)") { try $0["detail"] }
        }
    }
}
