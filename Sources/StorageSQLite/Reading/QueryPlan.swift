import Storage

extension SQLiteStore {
    /// Returns the plan that SQLite would use for `sql`, without running it.
    ///
    /// It is for tests and operators. A line that begins with SCAN reads a whole table or index.
    ///
    /// - Returns: the detail lines of https://www.sqlite.org/eqp.html, in the order of the plan.
    /// - Throws: `StoreError.engine` if `sql` does not compile.
    public func queryPlan(of sql: SQL) throws -> [String] {
        try read { tx in
            try tx.all("EXPLAIN QUERY PLAN \(sql)") { try $0["detail"] }
        }
    }
}
