/// SQLite's extended result codes for constraints, whose macros Swift does not import.
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

/// Returns the name of the failed constraint as PostgreSQL would give it, or nil if it is unknown.
///
/// SQLite's message names a CHECK and an index on an expression. For other constraints it lists the
/// columns. PostgreSQL makes its default names from those.
/// https://www.postgresql.org/docs/current/sql-createtable.html
func constraintName(_ code: Int32, _ message: String) -> String? {
    guard let constraint = Constraint(rawValue: code) else { return nil }
    let subject = message.drop { $0 != ":" }.dropFirst(2)
    switch constraint {
    // SQLite does not say which foreign key failed.
    case .foreignKey: return "foreign_key"
    // RAISE(ABORT, 'name'): the message is the name that the trigger gives.
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

/// Turns `reviews.customer_id, reviews.product_id` into `reviews_customer_id_product_id`.
private func joined(_ columns: Substring) -> String {
    var name = String(columns.prefix { $0 != "." })
    for column in columns.split(separator: ",") {
        name += "_" + column.drop { $0 != "." }.dropFirst()
    }
    return name
}
