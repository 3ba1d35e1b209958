import HTTP
import Service
import Storage

@Sendable func getCustomer(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try customer(of: call, in: tx, orGuest: true))
}
