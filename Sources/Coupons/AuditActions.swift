import Customers
import HTTP
import Service
import Storage

extension AuditAction {
    static let createdCoupon = AuditAction(rawValue: "created_coupon")
    static let changedCoupon = AuditAction(rawValue: "changed_coupon")
    static let deletedCoupon = AuditAction(rawValue: "deleted_coupon")
}

/// Records what staff did to a coupon.
func audit(
    _ action: AuditAction, _ coupon: Coupon, before: String? = nil, after: String? = nil,
    by call: Call, in tx: any Transaction
) throws {
    try audit(action, of: nil, on: coupon.path, before: before, after: after, by: call, in: tx)
}
