import HTTP
public import Service
public import Storage

let customerNotFound = Problem.notFound("customer_not_found", "There is no such customer.")

/// Returns the customer in the path, if the caller is that customer or staff.
///
/// In a write, `mark` locks the row: by default so that the customer's requests in progress end
/// first. `orGuest` says that the operation also applies to a guest.
///
/// - Throws: `Problem` 404, the same for an unknown customer and for one that the caller may not
///   see.
func customer(
    of call: Call, in tx: any Transaction, orGuest: Bool = false,
    _ mark: SQL.Dialect = .alone("customers")
) throws -> Customer {
    guard call.isAboutCaller || call.caller.isAtLeast(.staff) else { throw customerNotFound }
    return try customer(named: call.text("username"), in: tx, orGuest: orGuest, mark)
}

/// Returns the customer in the path, if the caller is that customer or an admin.
///
/// Staff also get a guest that no account has claimed.
///
/// - Throws: `Problem` 404 as above; 403 `forbidden` for staff, who may see the customer.
func customerForAdmin(
    of call: Call, in tx: any Transaction, orGuest: Bool = false,
    _ mark: SQL.Dialect = .alone("customers")
) throws -> Customer {
    let customer = try customer(of: call, in: tx, orGuest: orGuest, mark)
    // A guest cannot log in to erase their own data. A claimed one is a part of an account.
    let isOfNobody = customer.isGuest && customer.claimedBy == nil
    guard call.isAboutCaller || isOfNobody || call.caller.isAtLeast(.admin) else {
        throw Problem.forbidden("Requires the role admin.")
    }
    return customer
}

/// Rejects every caller except the customer in the path.
///
/// - Throws: `Problem` 404 as above; 403 `forbidden` for staff.
public func requireSelf(
    _ call: Call, in tx: any Transaction, _ mark: SQL.Dialect = .alone("customers")
) throws {
    _ = try customer(of: call, in: tx, mark)
    guard call.isAboutCaller else {
        throw Problem.forbidden("Only the account's owner may do this.")
    }
}

/// Returns the id of the customer in the path, who must be the caller.
///
/// In a write, the account is not erased before the transaction ends.
///
/// - Throws: `Problem` 404 as above; 403 `forbidden` for staff.
public func ownAccount(of call: Call, in tx: any Transaction) throws -> Int64 {
    try requireSelf(call, in: tx, .held("customers"))
    return call.caller.id
}

/// Returns a customer by username, without checking the caller's rights.
///
/// - Throws: `Problem` 404 `customer_not_found`.
func customer(
    named username: String, in tx: any Transaction, orGuest: Bool = false,
    _ mark: SQL.Dialect = .alone("customers")
) throws -> Customer {
    let customer = try tx.first(
        Customer.self, "WHERE username = \(username) AND status <> 'erased' \(mark)")
    guard let customer, orGuest || !customer.isGuest else { throw customerNotFound }
    return customer
}

/// Returns the id of the account with a username, or nil.
public func customerID(of username: String, in tx: any Transaction) throws -> Int64? {
    try tx.first(
        "SELECT id FROM customers WHERE username = \(username) AND guest_email_key IS NULL")?["id"]
}

/// Returns the id of an active account with a username, or nil; held in a write.
public func activeCustomerID(of username: String, in tx: any Transaction) throws -> Int64? {
    try tx.first(
        """
        SELECT id FROM customers
        WHERE username = \(username) AND status = 'active' AND guest_email_key IS NULL
        \(.held("customers"))
        """)?["id"]
}

extension Call {
    /// Whether the path names the caller.
    var isAboutCaller: Bool { text("username") == caller.username }
}

/// Returns the usernames of accounts by their ids, without guests.
public func usernames(of ids: [Int64], in tx: any Transaction) throws -> [Int64: String] {
    guard !ids.isEmpty else { return [:] }
    let rows = try tx.all(
        """
        SELECT id, username FROM customers
        WHERE id IN \(Array(Set(ids)).list) AND guest_email_key IS NULL
        """
    ) { (id: try $0["id"] as Int64, username: try $0["username"] as String) }
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0.username) })
}
