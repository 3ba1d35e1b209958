import HTTP
import Service
import Storage

@Sendable func deliverOrder(_ call: Call, in tx: any Transaction) throws -> Response {
    try advanceOrder(by: .deliver, .deliveredOrder, .orderDelivered, call, in: tx)
}
