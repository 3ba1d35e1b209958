import HTTP
import Service
import Storage

/// Makes a change to one customer, unless it leaves a shop that had an admin without one.
func keepingAnAdmin(in tx: any Transaction, _ change: () throws -> Row?) throws -> Customer? {
    // An expression of the status, so that the engine looks among the admins and not the active.
    let admins: SQL =
        "SELECT id FROM customers WHERE role = 'admin' AND \(.unindexed)status = 'active' LIMIT 1"
    let hadAdmin = try tx.first(admins) != nil
    let customer = try change().map { try Customer($0) }
    guard try !hadAdmin || tx.first(admins) != nil else {
        throw Problem.conflict("last_admin", "The shop would have no admin.")
    }
    return customer
}
