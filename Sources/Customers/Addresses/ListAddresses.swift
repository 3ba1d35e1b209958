import HTTP
import Service
import Storage

/// The addresses of a customer, newest first: at most `addressesMax`.
@Sendable func listAddresses(_ call: Call, in tx: any Transaction) throws -> Response {
    let customer = try customer(of: call, in: tx)
    return .ok(
        Listing(
            try tx.all(
                SavedAddress.self, "WHERE customer_id = \(customer.id) ORDER BY id DESC")))
}
