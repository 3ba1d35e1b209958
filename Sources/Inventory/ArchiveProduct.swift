import HTTP
import Service
import Storage

@Sendable func archiveProduct(_ call: Call) throws -> Response {
    let id = try call.id()
    return try call.write { tx in
        try call.requireMatch(try product(id, in: tx, currency: call.shop.currency))
        try archiveProduct(id, at: call.now, in: tx)
        return .noContent
    }
}

/// Takes a product out of lists and sale.
///
/// The row stays: orders and ledgers point at it.
func archiveProduct(_ id: Int64, at now: Instant, in tx: any Transaction) throws {
    let archived = try tx.run(
        "UPDATE products SET archived_at = \(now) WHERE id = \(id) AND archived_at IS NULL")
    guard archived == 1 else { throw productNotFound }
}
