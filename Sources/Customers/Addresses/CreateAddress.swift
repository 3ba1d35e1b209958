import HTTP
import Service
import Storage

/// The body of `POST /customers/{username}/addresses`.
struct NewAddress: Input {
    let label: String?
    let address: PostalAddress
    let isDefaultShipping: Bool
    let isDefaultBilling: Bool

    init(_ fields: inout Fields) {
        label = fields.optional("label", .addressLabel)
        address = PostalAddress(&fields)
        isDefaultShipping = fields.optional("default_shipping", .flag) ?? false
        isDefaultBilling = fields.optional("default_billing", .flag) ?? false
    }
}

/// Addresses per customer.
let addressesMax: Int64 = 50

@Sendable func createAddress(_ new: NewAddress, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let customer = try customer(of: call, in: tx, .held("customers"))
    try lockAddresses(of: customer, in: tx)
    try clearDefaults(
        replacedByShipping: new.isDefaultShipping, billing: new.isDefaultBilling,
        of: customer.id, at: call.now, in: tx)
    let row = try tx.first(
        """
        INSERT INTO addresses (customer_id, label, \(PostalAddress.columns), default_shipping,
            default_billing, created_at, updated_at)
        VALUES (\(customer.id), \(new.label.stored), \(new.address.values),
            \(new.isDefaultShipping), \(new.isDefaultBilling), \(call.now), \(call.now))
        RETURNING \(SavedAddress.columns)
        """)
    guard let row else { throw StoreError.schema("INSERT into addresses returned no row.") }
    let created = try SavedAddress(row)
    let count = try tx.first(
        "SELECT COUNT(*) AS addresses FROM addresses WHERE customer_id = \(customer.id)")
    guard let count: Int64 = try count?["addresses"], count <= addressesMax else {
        throw Problem.quotaExceeded(
            "A customer has at most \(addressesMax) addresses. Delete one first.")
    }
    try audit(
        .createdAddress, of: customer.id, after: "\(created.id)", ownersToo: true, by: call,
        in: tx)
    return .created(created, at: "\(customer.path)/addresses/\(created.id)")
}
