import HTTP
import Service
import Storage

@Sendable func shipOrder(_ call: Call, in tx: any Transaction) throws -> Response {
    try advanceOrder(by: .ship, .shippedOrder, .orderShipped, call, in: tx)
}
