import Customers
import HTTP
import Service
import Storage
import Values

/// A code that reduces the price of an order.
struct Coupon: Sendable {
    let id: Int64
    /// 3–40 capital letters, digits and hyphens.
    let code: String
    var terms: CouponTerms
    /// The orders that use it now: a use that was given back does not count.
    let uses: Int64
    let createdAt: Instant
    var updatedAt: Instant
}

/// How a coupon reduces a price.
enum CouponKind: String, Sendable, CaseIterable, Storable, JSONWritable {
    /// By a share of the price, in basis points.
    case percent
    /// By an amount in minor units.
    case amount
    /// By the price of shipping.
    case freeShipping = "free_shipping"
}

/// The fields of a coupon that staff set.
struct CouponTerms: Editable {
    var kind = CouponKind.percent
    /// Basis points or minor units; nil for free shipping.
    var value: Int64?
    /// The lowest subtotal of an order, of all its lines.
    var minSubtotal: Money?
    var startsAt: Instant?
    /// The first time at which it no longer applies.
    var endsAt: Instant?
    var maxUses: Int64?
    var maxUsesPerCustomer: Int64?
    /// With `productIDs`, the products to which it applies; both nil for all.
    var categories: NameList?
    var productIDs: IDList?

    static let fields: [EditableField<CouponTerms>] = [
        .required("kind", \.kind, .choice(.percent)),
        .optional("value", \.value, .integer(1...100_000_000_000)),
        .optional("min_subtotal", \.minSubtotal, .money(1...Money.max.minorUnits)),
        .optional("starts_at", \.startsAt, .instant),
        .optional("ends_at", \.endsAt, .instant),
        .optional("max_uses", \.maxUses, .integer(1...1_000_000_000)),
        .optional("max_uses_per_customer", \.maxUsesPerCustomer, .integer(1...1_000_000_000)),
        .optional("categories", \.categories, .categories),
        .optional("product_ids", \.productIDs, .productIDs),
    ]

    /// The faults of fields that do not fit together.
    var faults: [Problem.Fault] {
        var faults: [Problem.Fault] = []
        switch (kind, value) {
        case (.percent, let value?) where value <= 10_000: break
        case (.percent, _):
            faults.append(
                .init(field: "value", message: "must be 1 to 10000 basis points for percent"))
        case (.amount, nil):
            faults.append(.init(field: "value", message: "must be minor units for amount"))
        case (.freeShipping, _?):
            faults.append(.init(field: "value", message: "must be null for free_shipping"))
        case (.amount, _), (.freeShipping, nil): break
        }
        if let startsAt, let endsAt, endsAt <= startsAt {
            faults.append(.init(field: "ends_at", message: "must be after starts_at"))
        }
        return faults
    }
}

extension Coupon: Record {
    static let columns: SQL = "id, code, \(CouponTerms.columns), uses, created_at, updated_at"
    static let source: SQL = "coupons"

    init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        code = try row["code"]
        terms = CouponTerms(
            kind: try row["kind"], value: try row["value"], minSubtotal: try row["min_subtotal"],
            startsAt: try row["starts_at"], endsAt: try row["ends_at"],
            maxUses: try row["max_uses"], maxUsesPerCustomer: try row["max_uses_per_customer"],
            categories: try row["categories"], productIDs: try row["product_ids"])
        uses = try row["uses"]
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
    }
}

extension Coupon {
    /// The path, as the audit log names it.
    var path: String { "/sales/coupons/\(code)" }
}

extension Coupon: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("code", code)
            $0.field("kind", terms.kind)
            $0.field("value", terms.value)
            $0.field("min_subtotal", terms.minSubtotal)
            $0.field("starts_at", terms.startsAt)
            $0.field("ends_at", terms.endsAt)
            $0.field("max_uses", terms.maxUses)
            $0.field("max_uses_per_customer", terms.maxUsesPerCustomer)
            $0.field("categories", terms.categories)
            $0.field("product_ids", terms.productIDs)
            $0.field("uses", uses)
            $0.field("created_at", createdAt)
            $0.field("updated_at", updatedAt)
        }
    }
}

/// Returns the coupon in the path, locked in a write.
///
/// - Throws: `Problem` 404 `coupon_not_found`.
func coupon(of call: Call, in tx: any Transaction) throws -> Coupon {
    guard let coupon = try coupon(foldedCode(call.text("code")), in: tx) else {
        throw Problem.notFound("coupon_not_found", "There is no such coupon.")
    }
    return coupon
}

/// Returns the coupon with a folded code, locked in a write, or nil.
func coupon(_ code: String, in tx: any Transaction) throws -> Coupon? {
    try tx.first(
        Coupon.self, "WHERE code = \(code) AND deleted_at IS NULL \(.alone("coupons"))")
}
