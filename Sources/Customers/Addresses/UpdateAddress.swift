import HTTP
import Service
import Storage

/// The body of `PATCH /customers/{username}/addresses/{id}`.
struct AddressChange: Input {
    let label: Change<String>
    let address: Edit<PostalAddress>
    let isDefaultShipping: Bool?
    let isDefaultBilling: Bool?

    init(_ fields: inout Fields) {
        label = fields.change("label", .addressLabel)
        address = Edit(&fields)
        isDefaultShipping = fields.changed("default_shipping", .flag)
        isDefaultBilling = fields.changed("default_billing", .flag)
    }

    /// The address after the change.
    func applied(to current: SavedAddress) -> SavedAddress {
        var updated = current
        updated.label = label.applied(to: current.label)
        updated.address = address.applied(to: current.address)
        updated.isDefaultShipping = isDefaultShipping ?? current.isDefaultShipping
        updated.isDefaultBilling = isDefaultBilling ?? current.isDefaultBilling
        return updated
    }
}

@Sendable func updateAddress(_ change: AddressChange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let (customer, current) = try address(of: call, in: tx)
    try call.requireMatch(current)
    var updated = change.applied(to: current)
    updated.updatedAt = call.now
    try clearDefaults(
        replacedByShipping: updated.isDefaultShipping && !current.isDefaultShipping,
        billing: updated.isDefaultBilling && !current.isDefaultBilling, of: customer.id,
        at: call.now, in: tx)
    try tx.run(
        """
        UPDATE addresses SET label = \(updated.label.stored), \(updated.address.assignments),
            default_shipping = \(updated.isDefaultShipping),
            default_billing = \(updated.isDefaultBilling), updated_at = \(call.now)
        WHERE id = \(current.id)
        """)
    try audit(
        .changedAddress, of: customer.id, after: "\(current.id)", ownersToo: true, by: call,
        in: tx)
    return .ok(updated)
}

/// The customer and the address in the path, for a change.
///
/// - Throws: `Problem` 404 `customer_not_found`, `address_not_found`.
func address(of call: Call, in tx: any Transaction) throws -> (Customer, SavedAddress) {
    let id = try call.id()
    let customer = try customer(of: call, in: tx, .held("customers"))
    try lockAddresses(of: customer, in: tx)
    let found = try tx.first(
        SavedAddress.self,
        "WHERE id = \(id) AND customer_id = \(customer.id) \(.alone("addresses"))")
    guard let found else { throw addressNotFound }
    return (customer, found)
}
