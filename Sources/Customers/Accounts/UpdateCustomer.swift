import HTTP
import Outbox
import Service
import Storage
import Values
import Words

@Sendable func updateCustomer(_ edit: Edit<Profile>, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let current = try customer(of: call, in: tx)
    try call.requireMatch(current)
    try audit(
        .changedProfile, of: current.id, after: edit.names.map { "\($0)" }.joined(separator: ", "),
        ownersToo: true, by: call, in: tx)
    let updated = try updateCustomer(current, edit, at: call.now, in: tx)
    try publish(.customerUpdated, on: updated.path, updated, of: updated.id, by: call, in: tx)
    return .ok(updated)
}

/// Stores the edited profile of a customer that was read in the same transaction.
func updateCustomer(
    _ customer: Customer, _ edit: Edit<Profile>, at now: Instant, in tx: any Transaction
) throws -> Customer {
    var updated = customer
    updated.profile = edit.applied(to: customer.profile)
    updated.updatedAt = now
    try tx.run(
        """
        UPDATE customers SET \(updated.profile.assignments),
            name_key = \(foldedKey(updated.profile.fullName)), updated_at = \(now)
        WHERE id = \(customer.id)
        """)
    return updated
}
