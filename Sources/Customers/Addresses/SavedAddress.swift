import HTTP
import Service
public import Storage
import Values

/// An address that a customer has saved.
struct SavedAddress: Sendable {
    let id: Int64
    /// The customer's name for it, such as "work".
    var label: String?
    var address: PostalAddress
    /// Whether it is proposed as the shipping address; true for at most one of a customer.
    var isDefaultShipping: Bool
    /// Whether it is proposed as the billing address; true for at most one of a customer.
    var isDefaultBilling: Bool
    let createdAt: Instant
    var updatedAt: Instant
}

extension SavedAddress: Record {
    static let columns: SQL = """
        id, label, \(PostalAddress.columns), default_shipping, default_billing, created_at, updated_at
        """
    static let source: SQL = "addresses"

    init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        label = try row["label"]
        address = try PostalAddress(row)
        isDefaultShipping = try row["default_shipping"]
        isDefaultBilling = try row["default_billing"]
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
    }
}

extension SavedAddress: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("label", label)
            address.write(membersTo: &$0)
            $0.field("default_shipping", isDefaultShipping)
            $0.field("default_billing", isDefaultBilling)
            $0.field("created_at", createdAt)
            $0.field("updated_at", updatedAt)
        }
    }
}

extension Check<String> {
    static let addressLabel = Check.line(1...50)
}

let addressNotFound = Problem.notFound("address_not_found", "The customer has no such address.")

/// The address that a customer saved under an id, or nil.
///
/// For an order, which keeps a copy.
public func savedAddress(_ id: Int64, of customer: Int64, in tx: any Transaction) throws
    -> PostalAddress?
{
    try tx.first(SavedAddress.self, "WHERE id = \(id) AND customer_id = \(customer)")?.address
}

/// Makes concurrent changes of a customer's addresses wait for each other.
///
/// They share the quota and the defaults. `alone` would deadlock, because each request holds its
/// caller's row.
func lockAddresses(of customer: Customer, in tx: any Transaction) throws {
    try tx.run("UPDATE customers SET updated_at = updated_at WHERE id = \(customer.id)")
}

/// Clears the defaults of the other addresses that `address` replaces.
func clearDefaults(
    replacedByShipping shipping: Bool, billing: Bool, of customer: Int64, at now: Instant,
    in tx: any Transaction
) throws {
    if shipping {
        try tx.run(
            """
            UPDATE addresses SET default_shipping = 0, updated_at = \(now)
            WHERE customer_id = \(customer) AND default_shipping = 1
            """)
    }
    if billing {
        try tx.run(
            """
            UPDATE addresses SET default_billing = 0, updated_at = \(now)
            WHERE customer_id = \(customer) AND default_billing = 1
            """)
    }
}
