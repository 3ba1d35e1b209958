import HTTP
import Service
import Storage

/// Deletes an address; orders that were sent to it keep their copies.
@Sendable func deleteAddress(_ call: Call, in tx: any Transaction) throws -> Response {
    let (customer, current) = try address(of: call, in: tx)
    try call.requireMatch(current)
    try tx.run("DELETE FROM addresses WHERE id = \(current.id)")
    try audit(
        .deletedAddress, of: customer.id, before: "\(current.id)", ownersToo: true, by: call,
        in: tx)
    return .noContent
}
