public import Storage

/// A table, column, constraint, index, view, sequence, function or trigger of a schema.
private struct CatalogueObject: Hashable {
    let type: String
    let name: String

    var title: String { "\(type) \(name)" }
}

extension PostgresStore {
    /// A standby runs no statement that creates a table, not even one that is rolled back.
    ///
    /// https://www.postgresql.org/docs/15/hot-standby.html
    public func reasonNotToCompare(in tx: any Transaction) throws -> String? {
        let row = try tx.first("SELECT pg_is_in_recovery() AS is_standby")
        guard try row?["is_standby"] ?? false else { return nil }
        return "A standby cannot create tables to compare with. Run `souk check` on the primary."
    }

    /// Compares the schema in `tx` with the one that `migrations` create.
    ///
    /// The migrations run in a schema of their own, in a transaction that is rolled back. The role
    /// must be allowed to create a schema.
    ///
    /// - Returns: one sentence for each difference, sorted by name.
    public func schemaFaults(
        in tx: any Transaction, against migrations: [Migration]
    ) throws -> [String] {
        let found = try objects(in: tx)
        let expected = try objects(madeBy: migrations)
        return Set(found.keys).union(expected.keys).sorted { $0.name < $1.name }.compactMap {
            switch (found[$0], expected[$0]) {
            case (nil, _): "\($0.title) is missing"
            case (_, nil): "\($0.title) is not part of the schema"
            case (let one, let other): one == other ? nil : "\($0.title) differs"
            }
        }
    }

    /// The names of the tables of the current schema.
    public func tables() throws -> [String] {
        try read { tx in
            try tx.all(
                """
                SELECT relname AS name FROM pg_class
                WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
                ORDER BY relname COLLATE "C"
                """
            ) { try $0["name"] }
        }
    }

    private func objects(madeBy migrations: [Migration]) throws -> [CatalogueObject: String] {
        let transaction = try PostgresTransaction(
            pool, isWrite: true, until: nil,
            begin: [.prepared(settings.isolation.begin, by: .store)])
        defer { transaction.abandon() }
        let schema = "souk_check_\(UInt64.random(in: .min ... .max))"
        try transaction.perform(.once("CREATE SCHEMA \(schema)", []))
        try transaction.perform(.once("SET LOCAL search_path = \(schema)", []))
        for sql in [Migration.table] + migrations.flatMap(\.statements) {
            try transaction.run(sql)
        }
        try transaction.finishSchema()
        return try objects(in: transaction)
    }

    private func objects(in tx: any Transaction) throws -> [CatalogueObject: String] {
        let schema: String? = try tx.first("SELECT current_schema()::text AS name")?["name"]
        let prefix = "\(schema ?? "public")."
        let rows = try tx.all(catalogue) { row in
            (
                CatalogueObject(type: try row["type"], name: try row["name"]),
                // Definitions name the schema, which differs.
                remove(prefix, from: try row["definition"])
            )
        }
        return Dictionary(rows, uniquingKeysWith: { "\($0) \($1)" })
    }

    private func remove(_ prefix: String, from text: String) -> String {
        var text = text
        while let range = text.firstRange(of: prefix) { text.removeSubrange(range) }
        return text
    }
}

/// Selects what the current schema contains, each object with its definition.
///
/// The order of a table's columns does not matter, because no statement relies on it. An index of a
/// constraint is part of the constraint. A domain counts if a column has it: dropping a table leaves
/// its domains.
private let catalogue: SQL = """
    WITH here AS (SELECT oid AS schema FROM pg_namespace WHERE nspname = current_schema())
    SELECT 'table' AS type, relname::text AS name,
        concat(relkind, relpersistence, relrowsecurity) AS definition
    FROM here JOIN pg_class ON relnamespace = schema WHERE relkind IN ('r', 'p', 'f')
    UNION ALL
    SELECT 'view', relname::text, pg_get_viewdef(pg_class.oid)
    FROM here JOIN pg_class ON relnamespace = schema WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT 'column', relname || '.' || attname,
        concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
            collname, pg_get_expr(adbin, adrelid))
    FROM here JOIN pg_class ON relnamespace = schema
    JOIN pg_attribute ON attrelid = pg_class.oid
    LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relkind IN ('r', 'p', 'f') AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'constraint', relname || '.' || conname, pg_get_constraintdef(pg_constraint.oid)
    FROM here JOIN pg_class ON relnamespace = schema
    JOIN pg_constraint ON conrelid = pg_class.oid
    UNION ALL
    SELECT 'type', typname::text, concat_ws(' ', format_type(typbasetype, typtypmod), typnotnull,
        typdefault, string_agg(concat_ws(' ', conname, pg_get_constraintdef(pg_constraint.oid)), ' '
            ORDER BY conname))
    FROM here JOIN pg_type ON typnamespace = schema
    LEFT JOIN pg_constraint ON contypid = pg_type.oid
    WHERE typtype = 'd' AND EXISTS (SELECT FROM pg_attribute WHERE atttypid = pg_type.oid)
    GROUP BY pg_type.oid
    UNION ALL
    SELECT 'index', relname::text, pg_get_indexdef(pg_class.oid)
    FROM here JOIN pg_class ON relnamespace = schema
    WHERE relkind IN ('i', 'I') AND NOT EXISTS (
        SELECT FROM pg_constraint WHERE conindid = pg_class.oid)
    UNION ALL
    SELECT 'trigger', tgname::text, pg_get_triggerdef(pg_trigger.oid)
    FROM here JOIN pg_class ON relnamespace = schema JOIN pg_trigger ON tgrelid = pg_class.oid
    WHERE NOT tgisinternal
    UNION ALL
    SELECT 'rule', rulename::text, pg_get_ruledef(pg_rewrite.oid)
    FROM here JOIN pg_class ON relnamespace = schema JOIN pg_rewrite ON ev_class = pg_class.oid
    WHERE relkind = 'r'
    UNION ALL
    SELECT 'function', proname::text, prosrc
    FROM here JOIN pg_proc ON pronamespace = schema
    WHERE NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid
            AND deptype = 'e')
    """
