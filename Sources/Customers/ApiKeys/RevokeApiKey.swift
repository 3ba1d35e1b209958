import HTTP
import Service
import Storage

/// Deletes a key: all responders reject it from the commit on.
@Sendable func revokeApiKey(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    let customer = try customerForAdmin(of: call, in: tx, .held("customers"))
    // Requests with the key that are in progress end first.
    let key = try tx.first(
        ApiKeyRecord.self,
        "WHERE id = \(id) AND customer_id = \(customer.id) \(.alone("api_keys"))")
    guard let key else {
        throw Problem.notFound("api_key_not_found", "There is no such API key.")
    }
    try tx.run("DELETE FROM api_keys WHERE id = \(id)")
    try audit(
        .revokedApiKey, of: customer.id, before: key.prefix, ownersToo: true, by: call, in: tx)
    return .noContent
}

/// Deletes all keys of a customer whose row the transaction has locked.
///
/// - Returns: their prefixes, for the audit log.
func revokeApiKeys(of customer: Int64, in tx: any Transaction) throws -> [String] {
    let keys = try tx.all(
        ApiKeyRecord.self, "WHERE customer_id = \(customer) ORDER BY id \(.alone("api_keys"))")
    try tx.run("DELETE FROM api_keys WHERE customer_id = \(customer)")
    return keys.map(\.prefix)
}
