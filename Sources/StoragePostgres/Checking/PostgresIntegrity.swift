public import Storage

extension PostgresStore {
    /// The rules for any database of the server, the slowest first.
    public var integrity: [Invariant] {
        [
            Invariant("Each index and each table is whole, as far as amcheck can tell.") { tx in
                try damage(in: tx)
            },
            Invariant(
                "Every index is complete.",
                breaches: """
                    SELECT 'index ' || indexrelid::regclass::text AS subject FROM pg_index
                    WHERE NOT indisvalid OR NOT indisready
                    """),
            Invariant(
                "Every constraint holds for all rows.",
                breaches: """
                    SELECT 'constraint ' || conname AS subject FROM pg_constraint
                    WHERE NOT convalidated
                    """),
            Invariant(
                "Every text column sorts by bytes.",
                breaches: """
                    SELECT 'column ' || attrelid::regclass::text || '.' || attname AS subject
                    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
                    JOIN pg_collation ON pg_collation.oid = attcollation
                    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
                        AND NOT attisdropped AND collname NOT IN ('default', 'C', 'POSIX')
                    """),
        ]
    }
}

/// The damage that the extension amcheck finds, if it is installed and this role may use it.
///
/// https://www.postgresql.org/docs/current/amcheck.html
private func damage(in tx: any Transaction) throws -> [String] {
    // `to_regprocedure` is NULL if the function does not exist.
    let isUsable: Bool? = try tx.first(
        """
        SELECT COALESCE(
            has_function_privilege(to_regprocedure('bt_index_check(regclass,boolean)'), 'EXECUTE')
            AND has_function_privilege(to_regprocedure(
                'verify_heapam(regclass,boolean,boolean,text,bigint,bigint)'), 'EXECUTE'),
            FALSE) AS usable
        """)?["usable"]
    guard isUsable ?? false else { return [] }
    let rows: [String] = try tx.all(
        """
        SELECT 'table ' || relname || ' block ' || blkno || ': ' || msg AS subject
        FROM pg_class, LATERAL verify_heapam(pg_class.oid::regclass)
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
        LIMIT \(Int64(Invariant.breachesMax))
        """
    ) { try $0["subject"] }
    guard rows.isEmpty else { return rows }
    do {
        // It fails at the first damage.
        try tx.run(
            """
            SELECT COUNT(bt_index_check(indexrelid::regclass, TRUE)::text) AS checked
            FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
            JOIN pg_am ON pg_am.oid = relam
            WHERE amname = 'btree' AND relnamespace = current_schema()::regnamespace
                AND indisready AND indisvalid
            """)
        return []
    } catch StoreError.engine(_, let message, _) {
        return [message]
    }
}
