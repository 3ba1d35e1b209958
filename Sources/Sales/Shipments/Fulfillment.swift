import Storage

extension OrderLine {
    /// The units that are neither shipped nor refunded.
    ///
    /// A refund counts first for units that were not shipped, unless they came back by a return.
    var unshipped: Int64 {
        max(0, quantity - shippedQuantity - (refundedQuantity - returnedQuantity))
    }
}

extension Order {
    /// How much is shipped.
    ///
    /// Refunded units, and lines that require no shipping, need no shipment.
    var fulfillment: FulfillmentStatus {
        guard lines.contains(where: { $0.shippedQuantity > 0 }) else { return .unfulfilled }
        return lines.contains { $0.requiresShipping && $0.unshipped > 0 } ? .partial : .fulfilled
    }
}

/// Marks a partly shipped order as shipped if the refunded units were the last ones to ship.
///
/// An order without units that are left becomes `refunded` or `cancelled` instead.
func completeShipping(of order: Order, without refunded: [ReturnedLine], in tx: any Transaction)
    throws
{
    guard order.fulfillmentStatus == .partial else { return }
    var rest = order
    for returned in refunded {
        for index in rest.lines.indices where rest.lines[index].product == returned.line.product {
            rest.lines[index].refundedQuantity += returned.quantity
        }
    }
    guard rest.fulfillment == .fulfilled else { return }
    try tx.run(
        """
        UPDATE orders SET fulfillment_status = \(FulfillmentStatus.fulfilled)
        WHERE id = \(order.id)
        """)
    if rest.unitsLeft > 0 { try advance(order, by: .shipUnpaid, in: tx) }
}
