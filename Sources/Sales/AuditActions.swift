import Customers

extension AuditAction {
    /// By staff, for a customer.
    static let createdOrder = AuditAction(rawValue: "created_order")
    static let shippedOrder = AuditAction(rawValue: "shipped_order")
    static let deliveredOrder = AuditAction(rawValue: "delivered_order")
    static let cancelledOrder = AuditAction(rawValue: "cancelled_order")
    static let refundedOrder = AuditAction(rawValue: "refunded_order")
}
