import HTTP
import Service
import Storage

/// Deletes a coupon; orders that used it keep their discount.
@Sendable func deleteCoupon(_ call: Call, in tx: any Transaction) throws -> Response {
    let current = try coupon(of: call, in: tx)
    try call.requireMatch(current)
    try tx.run("UPDATE coupons SET deleted_at = \(call.now) WHERE id = \(current.id)")
    try audit(.deletedCoupon, current, before: current.terms.changes(from: nil), by: call, in: tx)
    return .noContent
}
