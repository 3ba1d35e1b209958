import Customers

extension AuditAction {
    static let shippedSale = AuditAction(rawValue: "shipped_sale")
    static let deliveredSale = AuditAction(rawValue: "delivered_sale")
    static let cancelledSale = AuditAction(rawValue: "cancelled_sale")
    static let refundedSale = AuditAction(rawValue: "refunded_sale")
}
