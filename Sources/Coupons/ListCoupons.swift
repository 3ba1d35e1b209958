import HTTP
import Service
import Storage

/// The parameters of `GET /sales/coupons`.
struct CouponFilter: Input {
    let page: Page

    init(_ fields: inout Fields) {
        page = fields.page()
    }
}

@Sendable func listCoupons(_ filter: CouponFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let found = try filter.page.read { range in
        try tx.all(Coupon.self, "WHERE deleted_at IS NULL AND \(range.condition) \(range.end)")
    }
    return filter.page.response(found, to: call, id: \.id)
}

@Sendable func getCoupon(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try coupon(of: call, in: tx))
}
