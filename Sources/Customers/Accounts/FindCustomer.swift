import HTTP
import Service
public import Storage

let customerNotFound = Problem.notFound("customer_not_found", "There is no such customer.")

/// The customer that the path names, if the caller may see them: themselves, and staff everybody.
/// - Throws: `Problem` 404, the same whether there is none or it is somebody else.
func customer(of call: Call, in tx: any Transaction) throws -> Customer {
    guard call.isAboutCaller || call.caller.isAtLeast(.staff) else { throw customerNotFound }
    return try customer(named: call.text("username"), in: tx)
}

/// The customer that the path names, where only they and admins may do what is asked.
/// - Throws: `Problem` 404 as above; 403 `forbidden` for staff, who may see and not do.
func customerForAdmin(of call: Call, in tx: any Transaction) throws -> Customer {
    let customer = try customer(of: call, in: tx)
    guard call.isAboutCaller || call.caller.isAtLeast(.admin) else {
        throw Problem.forbidden("Requires the role admin.")
    }
    return customer
}

/// Refuses everybody but the customer that the path names.
/// - Throws: `Problem` 404 as above; 403 `forbidden` for staff.
func requireSelf(_ call: Call, in tx: any Transaction) throws {
    _ = try customer(of: call, in: tx)
    guard call.isAboutCaller else {
        throw Problem.forbidden("Only the account's owner may do this.")
    }
}

/// A customer by name, whoever asks.
/// - Throws: `Problem` 404 `customer_not_found`.
func customer(named username: String, in tx: any Transaction) throws -> Customer {
    let customer = try tx.first(
        Customer.self, "WHERE username = \(username) AND status <> 'erased'")
    guard let customer else { throw customerNotFound }
    return customer
}

/// The id of the account with a username, or nil.
public func customerID(of username: String, in tx: any Transaction) throws -> Int64? {
    try tx.first("SELECT id FROM customers WHERE username = \(username)")?["id"]
}

extension Call {
    /// Whether the path names the caller.
    var isAboutCaller: Bool { text("username") == caller.username }
}
