import HTTP
import Service
import Storage

@Sendable func showCustomer(_ call: Call) throws -> Response {
    .ok(try call.read { try customer(of: call, in: $0) })
}

/// The customer that the path names, if the caller may see them: themselves, and staff everybody.
/// - Throws: `Problem` 404, the same whether there is none or it is somebody else.
func customer(of call: Call, in tx: any Transaction) throws -> Customer {
    let username = call.text("username")
    guard call.caller.username == username || call.caller.isAtLeast(.staff),
        let row = try tx.first(
            """
            SELECT \(Customer.columns) FROM customers WHERE username = \(username) AND status <> 'erased'
            """)
    else { throw Problem.notFound("customer_not_found", "There is no such customer.") }
    return try Customer(row)
}
