import Storage

/// A CHECK of one column, which the table still has.
private struct ColumnCheck {
    let table: String
    let column: String
    let type: String
    let name: String
    let condition: String

    /// The name of the column's domain.
    var domain: String { quoted("\(table)_\(column)") }
}

extension PostgresTransaction {
    /// Turns each CHECK of one column into a domain, which becomes the type of the column.
    ///
    /// The server reads the conditions of a table from the catalogue for each INSERT and UPDATE. A
    /// session reads those of a domain once. The constraint keeps its name, so its error does too.
    /// Columns that a generated column reads stay as they are, because their type cannot be changed.
    ///
    /// The server copies tables with rows. A second run finds nothing to do.
    ///
    /// https://www.postgresql.org/docs/15/sql-createdomain.html
    func finishSchema() throws {
        try dropUnusedDomains()
        let checks = try columnChecks()
        var changes: [String: [String]] = [:]
        for (column, checks) in Dictionary(grouping: checks, by: \.domain) {
            let conditions = checks.map {
                "CONSTRAINT \(quoted($0.name)) CHECK (\(naming($0.column, "VALUE", in: $0.condition)))"
            }
            try perform(
                .once(
                    "CREATE DOMAIN \(column) AS \(checks[0].type) \(conditions.joined(separator: " "))",
                    []))
            changes[checks[0].table, default: []] += checks.map {
                "DROP CONSTRAINT \(quoted($0.name))"
            }
            changes[checks[0].table, default: []].append(
                "ALTER COLUMN \(quoted(checks[0].column)) TYPE \(column)")
        }
        for (table, changes) in changes {
            try perform(
                .once("ALTER TABLE \(quoted(table)) \(changes.joined(separator: ", "))", []))
        }
    }

    /// Drops the domains of tables that a migration has replaced.
    private func dropUnusedDomains() throws {
        let unused: [String] = try all(
            """
            SELECT typname FROM pg_type
            WHERE typtype = 'd' AND typnamespace = current_schema()::regnamespace
                AND NOT EXISTS (SELECT FROM pg_attribute WHERE atttypid = pg_type.oid)
                AND EXISTS (
                    SELECT FROM pg_class WHERE relnamespace = typnamespace AND relkind = 'r'
                        AND starts_with(typname, relname || '_'))
            """
        ) { try $0["typname"] }
        for name in unused { try perform(.once("DROP DOMAIN \(quoted(name))", [])) }
    }

    private func columnChecks() throws -> [ColumnCheck] {
        try all(
            """
            SELECT relname, attname, format_type(atttypid, atttypmod) AS type, conname,
                pg_get_expr(conbin, conrelid) AS condition
            FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
            JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
            WHERE contype = 'c' AND cardinality(conkey) = 1 AND convalidated
                AND relnamespace = current_schema()::regnamespace
                AND atttypid IN ('bigint'::regtype, 'text'::regtype) AND attgenerated = ''
                AND NOT EXISTS (
                    SELECT FROM pg_depend
                    JOIN pg_attrdef ON pg_attrdef.oid = objid
                    JOIN pg_attribute AS reader ON reader.attrelid = adrelid
                        AND reader.attnum = adnum AND reader.attgenerated <> ''
                    WHERE classid = 'pg_attrdef'::regclass AND refclassid = 'pg_class'::regclass
                        AND refobjid = conrelid AND refobjsubid = conkey[1])
            ORDER BY relname, attname, conname
            """
        ) {
            ColumnCheck(
                table: try $0["relname"], column: try $0["attname"], type: try $0["type"],
                name: try $0["conname"], condition: try $0["condition"])
        }
    }
}

private func quoted(_ name: String) -> String {
    "\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
}

/// The condition with another name for `column`, as `pg_get_expr` writes it.
///
/// Texts, types and functions stay, even if they have the name of the column.
private func naming(_ column: String, _ name: String, in condition: String) -> String {
    var result = ""
    var rest = condition[...]
    while let first = rest.first {
        let part: Substring
        switch first {
        case "'", "\"":
            let end = rest.dropFirst().firstIndex(of: first) ?? rest.index(before: rest.endIndex)
            part = rest[...end]
        case "a"..."z", "A"..."Z", "_":
            part = rest.prefix { $0 == "_" || $0 == "$" || $0.isLetter || $0.isNumber }
        default:
            part = rest.prefix(1)
        }
        rest = rest.dropFirst(part.count)
        let isColumn = (part == column || part == quoted(column)) && rest.first != "("
        result += isColumn && !result.hasSuffix("::") ? name : String(part)
    }
    return result
}
