import HTTP
import Service
import Storage

@Sendable func showWallet(_ call: Call) throws -> Response {
    let balance: Money = try call.read { tx in
        let customer = try customer(of: call, in: tx)
        let row = try tx.first("SELECT balance FROM customers WHERE id = \(customer.id)")
        return try row?["balance"] ?? .zero
    }
    return .ok(Wallet(balance: balance, currency: call.shop.currency))
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
