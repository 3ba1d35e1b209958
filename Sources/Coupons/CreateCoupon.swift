import HTTP
import Service
import Storage

/// The body of `POST /sales/coupons`.
struct NewCoupon: Input {
    let code: String
    let terms: CouponTerms

    init(_ fields: inout Fields) {
        code = foldedCode(fields.required("code", .couponCode))
        terms = CouponTerms(&fields)
        for fault in terms.faults { fields.fault(fault.field, fault.message) }
    }
}

/// Creates a coupon.
///
/// - Throws: `Problem` 409 `coupon_code_taken`.
@Sendable func createCoupon(_ new: NewCoupon, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let row = try tx.first(
        """
        INSERT INTO coupons (code, \(CouponTerms.columns), created_at, updated_at)
        VALUES (\(new.code), \(new.terms.values), \(call.now), \(call.now))
        ON CONFLICT (code) WHERE deleted_at IS NULL DO NOTHING
        RETURNING \(Coupon.columns)
        """)
    guard let row else {
        throw Problem.conflict("coupon_code_taken", "Another coupon has this code.")
    }
    let created = try Coupon(row)
    try audit(.createdCoupon, created, after: new.terms.changes(from: nil), by: call, in: tx)
    return .created(created, at: created.path)
}
