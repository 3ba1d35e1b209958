import Customers

extension AuditAction {
    /// By staff, for a customer.
    static let createdOrder = AuditAction(rawValue: "created_order")
    static let bookedPayment = AuditAction(rawValue: "booked_payment")
    static let shippedOrder = AuditAction(rawValue: "shipped_order")
    static let changedShipment = AuditAction(rawValue: "changed_shipment")
    /// By staff, for a customer.
    static let requestedReturn = AuditAction(rawValue: "requested_return")
    static let approvedReturn = AuditAction(rawValue: "approved_return")
    static let declinedReturn = AuditAction(rawValue: "declined_return")
    static let receivedReturn = AuditAction(rawValue: "received_return")
    static let deliveredOrder = AuditAction(rawValue: "delivered_order")
    static let cancelledOrder = AuditAction(rawValue: "cancelled_order")
    static let refundedOrder = AuditAction(rawValue: "refunded_order")
}
