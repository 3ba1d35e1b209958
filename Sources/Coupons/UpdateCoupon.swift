import HTTP
import Service
import Storage

/// The body of `PATCH /sales/coupons/{code}`.
struct CouponChange: Input {
    let edit: Edit<CouponTerms>

    init(_ fields: inout Fields) {
        edit = Edit(&fields)
    }
}

/// Changes the terms of a coupon, for later orders.
@Sendable func updateCoupon(_ change: CouponChange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let current = try coupon(of: call, in: tx)
    try call.requireMatch(current)
    var updated = current
    updated.terms = change.edit.applied(to: current.terms)
    updated.updatedAt = call.now
    let faults = updated.terms.faults
    guard faults.isEmpty else { throw Problem.invalid(faults) }
    try tx.run(
        """
        UPDATE coupons SET \(updated.terms.assignments), updated_at = \(call.now)
        WHERE id = \(current.id)
        """)
    try audit(
        .changedCoupon, current, before: current.terms.changes(from: updated.terms),
        after: updated.terms.changes(from: current.terms), by: call, in: tx)
    return .ok(updated)
}
