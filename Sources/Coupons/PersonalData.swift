public import Customers
import HTTP
import Service
import Storage
import Values

/// The personal data in uses of coupons.
///
/// They belong to orders, and stay with them.
public let personalData: [PersonalData] = [
    PersonalData("coupon_uses") { customer, tx in
        try tx.all(
            CouponUse.self,
            "WHERE coupon_uses.customer_id = \(customer) ORDER BY coupon_uses.order_id")
    }
]

/// A use of a coupon as an export shows it.
private struct CouponUse: Record, JSONWritable {
    let order: Int64
    let code: String
    let createdAt: Instant
    let givenBackAt: Instant?

    static let columns: SQL = "order_id, code, coupon_uses.created_at, given_back_at"
    static let source: SQL = "coupon_uses JOIN coupons ON coupons.id = coupon_id"

    init(_ row: Row, _ context: Void) throws {
        order = try row["order_id"]
        code = try row["code"]
        createdAt = try row["created_at"]
        givenBackAt = try row["given_back_at"]
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("order_id", order)
            $0.field("code", code)
            $0.field("created_at", createdAt)
            $0.field("given_back_at", givenBackAt)
        }
    }
}
