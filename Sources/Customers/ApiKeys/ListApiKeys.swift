import HTTP
import Service
import Storage

/// The API keys of a customer, newest first: at most `apiKeysMax`.
@Sendable func listApiKeys(_ call: Call, in tx: any Transaction) throws -> Response {
    let customer = try customerForAdmin(of: call, in: tx)
    return .ok(
        Listing(
            try tx.all(
                ApiKeyRecord.self, "WHERE customer_id = \(customer.id) ORDER BY id DESC")))
}
