import Customers
import HTTP
import Outbox
import Service
import Storage

/// The body of `POST /sales/{id}/ship`: some units, or all that are left to ship.
struct NewShipment: Input {
    let items: [OrderItem]?
    let tracking: Tracking

    init(_ fields: inout Fields) {
        items = fields.optionalList(
            "items", count: 1...100, of: OrderItem.self, distinct: "product_id")
        tracking = Tracking(&fields)
    }
}

/// The most shipments of an order, so that an order has a limited size.
private let shipmentsMax = 100

/// Ships units of an order.
///
/// The order is shipped when no unit is left that requires shipping.
///
/// - Throws: `Problem` 403 `own_account`, 404 `order_not_found`, 409 `invalid_transition`,
///   `shipment_exceeds_order`, `too_many_shipments`.
@Sendable func shipOrder(_ new: NewShipment, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let order = try order(call.id(), visibleTo: call.caller, in: tx)
    try call.refuseOwnOrder(order)
    try call.requireMatch(order)
    let transition: OrderTransition = order.mayShipUnpaid ? .shipUnpaid : .ship
    try transition.requireStatus(of: order)
    guard order.shipments.count < shipmentsMax else {
        throw Problem.conflict(
            "too_many_shipments", "An order has at most \(shipmentsMax) shipments.")
    }
    let shipped = try addShipment(
        shippedUnits(new.items, of: order), new.tracking, of: order, by: call, in: tx)
    if shipped.fulfillment == .fulfilled { try advance(order, by: transition, in: tx) }
    try addEvent(.shipped, to: order.id, by: call, in: tx)
    let answer = try Sales.order(order.id, visibleTo: call.caller, in: tx)
    try audit(
        .shippedOrder, of: order.owner, on: order.path, before: order.status.rawValue,
        after: answer.status.rawValue, by: call, in: tx)
    try publish(.orderShipped, on: order.path, answer, of: order.customer, by: call, in: tx)
    return .ok(answer)
}

/// Returns the units that a shipment names, or all that are left to ship.
///
/// - Throws: `Problem` 409 `shipment_exceeds_order` with every item that exceeds the units left.
private func shippedUnits(_ items: [OrderItem]?, of order: Order) throws -> [ProductUnits] {
    guard let items else {
        return order.lines.filter { $0.unshipped > 0 }.map {
            ProductUnits(product: $0.product, quantity: $0.unshipped)
        }
    }
    let faults = items.indices.filter { index in
        let line = order.lines.first { $0.product == items[index].product }
        return items[index].quantity > line?.unshipped ?? 0
    }.map {
        Problem.Fault(
            field: "items[\($0)].quantity", message: "exceeds what is left of this product to ship")
    }
    guard faults.isEmpty else { throw shipmentExceedsOrder(faults) }
    return items.map { ProductUnits(product: $0.product, quantity: $0.quantity) }
}

private func shipmentExceedsOrder(_ faults: [Problem.Fault] = []) -> Problem {
    Problem(
        .conflict, "shipment_exceeds_order", "The shipment exceeds the units left to ship.",
        faults: faults)
}

/// Stores a shipment and what follows from it for the lines and the fulfillment of the order.
///
/// - Returns: the order with its lines as they are now.
private func addShipment(
    _ items: [ProductUnits], _ tracking: Tracking, of order: Order, by call: Call,
    in tx: any Transaction
) throws -> Order {
    var shipped = order
    let number = (order.shipments.last?.number ?? 0) + 1
    try tx.run(
        """
        INSERT INTO shipments (order_id, number, \(Tracking.columns), created_at)
        VALUES (\(order.id), \(number), \(tracking.values), \(call.now))
        """)
    for item in items.sorted(by: { $0.product < $1.product }) {
        try tx.run(
            """
            INSERT INTO shipment_lines (order_id, number, product_id, quantity)
            VALUES (\(order.id), \(number), \(item.product), \(item.quantity))
            """)
        guard
            try tx.run(
                """
                UPDATE order_lines SET shipped_quantity = shipped_quantity + \(item.quantity)
                WHERE order_id = \(order.id) AND product_id = \(item.product)
                    AND shipped_quantity + \(item.quantity) <= quantity
                """) == 1
        else { throw shipmentExceedsOrder() }
        for index in shipped.lines.indices where shipped.lines[index].product == item.product {
            shipped.lines[index].shippedQuantity += item.quantity
        }
    }
    try tx.run(
        """
        UPDATE orders SET fulfillment_status = \(shipped.fulfillment) WHERE id = \(order.id)
        """)
    return shipped
}
