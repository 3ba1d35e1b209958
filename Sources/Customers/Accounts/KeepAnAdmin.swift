import HTTP
import Service
import Storage
import Values

/// Changes one customer, unless the change leaves the shop without an admin.
///
/// If there was no admin before, the change is allowed.
func keepingAnAdmin(in tx: any Transaction, _ change: () throws -> Row?) throws -> Customer? {
    // An expression of the status, so that the engine searches the admins and not all active
    // accounts.
    //
    // In the order of ids, and all of them: otherwise two admins could demote each other at once.
    let admins: SQL = """
        SELECT id FROM customers
        WHERE role = 'admin' AND guest_email_key IS NULL AND \(.unindexed)status = 'active'
        ORDER BY id \(.alone("customers"))
        """
    let hadAdmin = try !tx.all(admins) { try $0["id"] as Int64 }.isEmpty
    let customer = try change().map { try Customer($0) }
    guard try !hadAdmin || tx.first(admins) != nil else {
        throw Problem.conflict("last_admin", "The shop would have no admin.")
    }
    return customer
}

/// Changes one column of an account, unless the change leaves the shop without an admin.
///
/// - Throws: `Problem` 404 `customer_not_found`, 409 `last_admin`.
func updateAccount(
    _ username: String, setting assignment: SQL, at now: Instant, in tx: any Transaction
) throws -> Customer {
    let customer = try keepingAnAdmin(in: tx) {
        try tx.first(
            """
            UPDATE customers SET \(assignment), updated_at = \(now)
            WHERE username = \(username) AND status <> 'erased' AND guest_email_key IS NULL
            RETURNING \(Customer.columns)
            """)
    }
    guard let customer else { throw customerNotFound }
    return customer
}
