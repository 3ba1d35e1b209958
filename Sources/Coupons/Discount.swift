public import HTTP
public import Storage
public import Values

/// A line of an order, as a coupon needs it.
public struct CouponLine: Sendable {
    let product: Int64
    let category: String
    let total: Money

    /// Creates a line; `total` is not negative.
    public init(product: Int64, category: String, total: Money) {
        self.product = product
        self.category = category
        self.total = total
    }
}

/// What a coupon does to an order.
public struct CouponDiscount: Sendable, Equatable {
    /// The id of the coupon.
    public let coupon: Int64
    /// The code in the form that is stored.
    public let code: String
    /// The discount of each line, in the order of the lines, at most the line's total.
    public let discounts: [Money]
    /// Whether shipping costs nothing.
    public let isShippingFree: Bool
}

/// Returns what the coupon with a code does to an order, without using it.
///
/// In a write it locks the coupon, so that concurrent orders with the same coupon run one after the
/// other. `customer` is nil for an order without an account.
///
/// - Throws: `Problem` 409 `coupon_invalid` with the reason.
public func couponDiscount(
    _ code: String, on lines: [CouponLine], for customer: Int64?, at now: Instant,
    in tx: any Transaction
) throws -> CouponDiscount {
    guard let coupon = try coupon(foldedCode(code), in: tx) else {
        throw couponUnknown
    }
    let subtotal = lines.reduce(0) { $0 + $1.total.minorUnits }
    try coupon.requireUsable(
        on: Money(minorUnits: subtotal), by: customer, at: now, in: tx)
    guard lines.contains(where: coupon.terms.covers) else {
        throw couponInvalid("applies to none of the products")
    }
    let covered = lines.map { coupon.terms.covers($0) ? $0.total : .zero }
    let base = Money(minorUnits: covered.reduce(0) { $0 + $1.minorUnits })
    return CouponDiscount(
        coupon: coupon.id, code: coupon.code,
        discounts: spread(coupon.terms.discount(on: base), over: covered),
        isShippingFree: coupon.terms.kind == .freeShipping)
}

/// 409 for a code that no coupon has.
public let couponUnknown = couponInvalid("is unknown")

/// 409: the coupon does not apply; `reason` follows "The coupon".
func couponInvalid(_ reason: String) -> Problem {
    Problem(
        .conflict, "coupon_invalid", "The coupon \(reason).",
        faults: [.init(field: "coupon", message: reason)])
}

extension CouponTerms {
    /// Whether the coupon applies to the product of a line.
    func covers(_ line: CouponLine) -> Bool {
        if categories == nil, productIDs == nil { return true }
        return productIDs?.ids.contains(line.product) == true
            || categories?.names.contains(line.category) == true
    }

    /// The discount on products that cost `base`, at most `base`; a share is rounded half up.
    func discount(on base: Money) -> Money {
        switch kind {
        case .freeShipping: .zero
        case .amount: min(Money(minorUnits: value ?? 0), base)
        case .percent:
            Money(
                minorUnits: Int64((Int128(base.minorUnits) * Int128(value ?? 0) + 5000) / 10_000))
        }
    }
}

/// Divides `amount` among lines in proportion to their totals, by the largest remainder.
///
/// Each share is the exact one rounded down or up. The shares add up to `amount`, and none exceeds
/// its line's total. Of equal remainders the earlier line's is rounded up.
///
/// - Parameters:
///   - amount: from 0 to the sum of `totals`.
///   - totals: none of them is negative.
/// - Returns: the shares, in the order of the lines.
func spread(_ amount: Money, over totals: [Money]) -> [Money] {
    let sum = totals.reduce(Int128(0)) { $0 + Int128($1.minorUnits) }
    guard sum > 0 else { return totals.map { _ in .zero } }
    let exact = totals.map { total in
        (Int128(amount.minorUnits) * Int128(total.minorUnits)).quotientAndRemainder(dividingBy: sum)
    }
    var shares = exact.map { Int64($0.quotient) }
    let rest = Int(amount.minorUnits - shares.reduce(0, +))
    let order = exact.indices.sorted {
        (exact[$1].remainder, $0) < (exact[$0].remainder, $1)
    }
    for index in order.prefix(rest) { shares[index] += 1 }
    return shares.map(Money.init(minorUnits:))
}
