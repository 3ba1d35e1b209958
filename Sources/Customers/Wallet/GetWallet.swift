import HTTP
import Service
import Storage
import Values

@Sendable func getWallet(_ call: Call, in tx: any Transaction) throws -> Response {
    let customer = try customer(of: call, in: tx, orGuest: true)
    let row = try tx.first("SELECT balance FROM customers WHERE id = \(customer.id)")
    return .ok(Wallet(balance: try row?["balance"] ?? .zero, currency: call.shop.currency))
}

private struct Wallet: JSONWritable {
    let balance: Money
    let currency: String

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("balance", balance)
            $0.field("currency", currency)
        }
    }
}
