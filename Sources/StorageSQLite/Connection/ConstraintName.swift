/// Which constraint failed: SQLite's extended result codes, whose macros Swift does not import.
///
/// https://www.sqlite.org/rescode.html
private enum Constraint: Int32 {
    case check = 275
    case foreignKey = 787
    case notNull = 1299
    case primaryKey = 1555
    case trigger = 1811
    case unique = 2067
    case rowid = 2579
}

/// The name of the constraint that failed, as PostgreSQL would give it, or nil where SQLite's
/// message has none.
///
/// SQLite names a CHECK and an index on an expression; elsewhere it tells the columns, from which
/// PostgreSQL makes its default names. https://www.postgresql.org/docs/current/sql-createtable.html
func constraintName(_ code: Int32, _ message: String) -> String? {
    guard let constraint = Constraint(rawValue: code) else { return nil }
    let subject = message.drop { $0 != ":" }.dropFirst(2)
    switch constraint {
    // SQLite does not say which.
    case .foreignKey: return "foreign_key"
    // RAISE(ABORT, 'name'): the message is what the author of the trigger wrote.
    case .trigger: return message
    case .check: return String(subject)
    case .notNull: return "\(joined(subject))_not_null"
    case .primaryKey, .rowid: return "\(subject.prefix { $0 != "." })_pkey"
    case .unique:
        let quoted = subject.split(separator: "'")
        if quoted.count == 2, quoted[0] == "index " { return String(quoted[1]) }
        return "\(joined(subject))_key"
    }
}

/// `reviews.customer_id, reviews.product_id` as `reviews_customer_id_product_id`.
private func joined(_ columns: Substring) -> String {
    var name = String(columns.prefix { $0 != "." })
    for column in columns.split(separator: ",") {
        name += "_" + column.drop { $0 != "." }.dropFirst()
    }
    return name
}
