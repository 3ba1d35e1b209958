import HTTP
import Service
import Storage

/// The most shipping methods of a shop that are not archived.
let shippingMethodsMax: Int64 = 200

@Sendable func createShippingMethod(
    _ details: ShippingMethodDetails, _ call: Call, in tx: any Transaction
) throws -> Response {
    try details.requireWeights()
    try refuseBeyondQuota(in: tx)
    let row = try tx.first(
        """
        INSERT INTO shipping_methods (\(ShippingMethodDetails.columns), created_at, updated_at)
        VALUES (\(details.values), \(call.now), \(call.now))
        RETURNING \(ShippingMethod.columns)
        """)
    guard let row else {
        throw StoreError.schema("INSERT into shipping_methods returned no row.")
    }
    let created = try ShippingMethod(row)
    try audit(.createdShippingMethod, created, after: details.changes(from: nil), by: call, in: tx)
    return .created(created, at: created.path)
}

private func refuseBeyondQuota(in tx: any Transaction) throws {
    let last = try tx.first(
        """
        SELECT id FROM shipping_methods WHERE archived_at IS NULL ORDER BY id
        LIMIT 1 OFFSET \(shippingMethodsMax - 1)
        """)
    guard last != nil else { return }
    throw Problem.quotaExceeded(
        "A shop has at most \(shippingMethodsMax) shipping methods. Delete one first.")
}
