import HTTP
import Service
import Storage
import Values
import Words

/// The body of `PATCH /customers/{username}`: what is left out stays.
struct ProfileChange: Input {
    let fullName: String?
    let age: Change<Int64>
    let address: Change<String>
    let gender: Change<Gender>
    let maritalStatus: Change<MaritalStatus>

    init(_ fields: inout Fields) {
        fullName = fields.changed("full_name", .fullName)
        age = fields.change("age", .integer(1...150))
        address = fields.change("address", .address)
        gender = fields.change("gender", .choice(.other))
        maritalStatus = fields.change("marital_status", .choice(.single))
    }

    /// What is to be changed, for the audit.
    var fieldNames: [String] {
        [
            ("full_name", fullName != nil), ("age", age.isSet), ("address", address.isSet),
            ("gender", gender.isSet), ("marital_status", maritalStatus.isSet),
        ].filter(\.1).map(\.0)
    }

    func applied(to profile: Profile) -> Profile {
        Profile(
            fullName: fullName ?? profile.fullName, age: age.applied(to: profile.age),
            address: address.applied(to: profile.address),
            gender: gender.applied(to: profile.gender),
            maritalStatus: maritalStatus.applied(to: profile.maritalStatus))
    }
}

@Sendable func updateCustomer(_ change: ProfileChange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let current = try customer(of: call, in: tx)
    try call.requireMatch(current)
    try audit(
        .changedProfile, of: current.id, after: change.fieldNames.joined(separator: ", "),
        ownersToo: true, by: call,
        in: tx)
    return .ok(try updateCustomer(current, change, at: call.now, in: tx))
}

/// Writes the profile as the change leaves it.
///
/// It was read in the same transaction, which nobody else writes beside.
func updateCustomer(
    _ customer: Customer, _ change: ProfileChange, at now: Instant, in tx: any Transaction
) throws -> Customer {
    var updated = customer
    updated.profile = change.applied(to: customer.profile)
    updated.updatedAt = now
    try tx.run(
        """
        UPDATE customers SET full_name = \(updated.profile.fullName),
            name_key = \(foldedKey(updated.profile.fullName)), age = \(updated.profile.age.stored),
            address = \(updated.profile.address.stored), gender = \(updated.profile.gender.stored),
            marital_status = \(updated.profile.maritalStatus.stored), updated_at = \(now)
        WHERE id = \(customer.id)
        """)
    return updated
}
