import HTTP
public import Service
public import Storage

/// The customer whose rows a list shows: the caller, or the one that staff name.
///
/// `rows` is the noun for the rows, such as "orders".
///
/// - Returns: an expression for the id; nil for staff who name nobody, and see all rows.
/// - Throws: `Problem` 403 `forbidden` for a customer who names another one.
public func listedCustomer(_ username: String?, _ rows: StaticString, by caller: Caller) throws
    -> SQL?
{
    if caller.isAtLeast(.staff) {
        return username.map { "(SELECT id FROM customers WHERE username = \($0))" }
    }
    guard username == nil || username == caller.username else {
        throw Problem.forbidden("Listing other customers' \(rows) requires the role staff.")
    }
    return "\(caller.id)"
}
