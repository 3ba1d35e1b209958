import HTTP
import Service

@Sendable func showCustomer(_ call: Call) throws -> Response {
    .ok(try call.read { try customer(of: call, in: $0) })
}
