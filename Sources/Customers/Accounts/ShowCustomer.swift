import HTTP
import Service
import Storage

@Sendable func showCustomer(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try customer(of: call, in: tx))
}
