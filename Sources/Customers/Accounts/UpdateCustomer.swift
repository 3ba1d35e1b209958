import HTTP
import Outbox
import Service
import Storage
import Values
import Words

/// The body of `PATCH /customers/{username}`.
struct CustomerEdit: Input {
    let profile: Edit<Profile>
    let email: Change<String>

    init(_ fields: inout Fields) {
        profile = Edit<Profile>(&fields)
        email = fields.change("email", .email)
    }

    /// The names of the fields in the body.
    var names: [String] {
        let own = if case .set = email { ["email"] } else { [String]() }
        return profile.names.map { "\($0)" } + own
    }
}

@Sendable func updateCustomer(_ edit: CustomerEdit, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let current = try customer(of: call, in: tx)
    try call.requireMatch(current)
    try audit(
        .changedProfile, of: current.id, after: edit.names.joined(separator: ", "),
        ownersToo: true, by: call, in: tx)
    var updated = try updateCustomer(current, edit.profile, at: call.now, in: tx)
    if case .set(let address) = edit.email {
        updated = try changeEmail(of: updated, to: address, call, in: tx)
    }
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
