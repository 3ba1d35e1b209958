import HTTP
import Service
import Storage

@Sendable func createOrder(_ new: NewOrder, _ call: Call, in tx: any Transaction) throws -> Response
{
    let buyer = Buyer(id: call.caller.id, username: call.caller.username)
    let purchase = Purchase(items: new.items, buyer: buyer, expectedTotal: new.expectedTotal)
    let order = try sell(purchase, by: call, in: tx)
    return .created(order, at: order.path)
}
