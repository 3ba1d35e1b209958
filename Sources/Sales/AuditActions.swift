import Customers

extension AuditAction {
    static let shippedOrder = AuditAction(rawValue: "shipped_order")
    static let deliveredOrder = AuditAction(rawValue: "delivered_order")
    static let cancelledOrder = AuditAction(rawValue: "cancelled_order")
    static let refundedOrder = AuditAction(rawValue: "refunded_order")
}
