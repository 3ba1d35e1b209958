import Customers
import HTTP
import Service
import Storage

@Sendable func createOrder(_ new: NewOrder, _ call: Call, in tx: any Transaction) throws -> Response
{
    let buyer = try buyer(new.customer, by: call, in: tx)
    let purchase = Purchase(
        items: new.items, buyer: buyer, expectedTotal: new.expectedTotal,
        shippingAddress: try address(new.shippingAddress, "shipping_address", of: buyer, in: tx),
        billingAddress: try address(new.billingAddress, "billing_address", of: buyer, in: tx),
        shippingMethod: new.shippingMethod, note: new.note)
    let order = try sell(purchase, by: call, in: tx)
    if buyer.id != call.caller.id {
        try audit(
            .createdOrder, of: buyer.id, on: order.path, after: "\(order.amounts.total.minorUnits)",
            by: call, in: tx)
    }
    return .created(order, at: order.path)
}

/// The caller, or the customer for whom a member of staff orders.
///
/// - Throws: `Problem` 403 `forbidden`, 404 `customer_not_found`.
private func buyer(_ username: String?, by call: Call, in tx: any Transaction) throws -> Buyer {
    guard let username, username != call.caller.username else {
        return Buyer(id: call.caller.id, username: call.caller.username)
    }
    guard call.caller.isAtLeast(.staff) else {
        throw Problem.forbidden("Ordering for other customers requires the role staff.")
    }
    guard let id = try activeCustomerID(of: username, in: tx) else {
        throw Problem.notFound("customer_not_found", "There is no such customer.")
    }
    return Buyer(id: id, username: username)
}

/// The address in the body, or the saved one that it names.
private func address(
    _ given: ObjectOrID<PostalAddress>?, _ field: String, of buyer: Buyer, in tx: any Transaction
) throws -> PostalAddress? {
    switch given {
    case nil: return nil
    case .object(let address): return address
    case .id(let id):
        guard let saved = try savedAddress(id, of: buyer.id, in: tx) else {
            throw Problem.invalid([
                .init(field: field, message: "is not the id of a saved address")
            ])
        }
        return saved
    }
}
