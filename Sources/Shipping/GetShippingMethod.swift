import HTTP
import Service
import Storage

@Sendable func getShippingMethod(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try shippingMethod(try call.id(), in: tx))
}
