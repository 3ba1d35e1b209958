import Coupons
import Customers
import HTTP
import Inventory
import Service
import Shipping
import Storage
import Taxes
import Values

/// The amounts of an order at the current prices, and what it copies besides.
struct OrderQuote: Sendable {
    let amounts: OrderAmounts
    /// By product id.
    let lines: [OrderLine]
    /// What the coupon does; nil without one.
    let discount: CouponDiscount?
    let delivery: OrderDelivery
    let destination: TaxDestination?
    /// Whether the shipping method allows payment to the carrier.
    let allowsCashOnDelivery: Bool
}

/// The place whose tax rates apply.
///
/// `region` is nil unless the region has rates of its own. Buyers write it as they like, so reports
/// by it would have a row for each spelling.
struct TaxDestination: Sendable {
    let country: String
    let region: String?
}

/// Makes the amounts of an order, without a change in the database.
///
/// In a write it locks the coupon. Orders have locked their products before, so no two of them
/// deadlock.
///
/// - Throws: `Problem` 422 if the total exceeds `Money.max`, or if the order lacks an address or a
///   shipping method; 409 `coupon_invalid`.
func quote(
    _ items: [(product: SoldProduct, quantity: Int64)], for purchase: Purchase, by call: Call,
    in tx: any Transaction
) throws -> OrderQuote {
    let place = purchase.taxPlace(in: call.shop)
    let rates =
        try place.map { try taxRates(in: $0.country, region: $0.region, in: tx) } ?? TaxRates.zero
    guard let subtotal = OrderAmounts.subtotal(of: items.map { ($0.product.price, $0.quantity) })
    else { throw costsTooMuch }
    let discount = try discount(on: items, for: purchase, by: call, in: tx)
    let discounts = discount?.discounts ?? items.map { _ in Money.zero }
    let lines = zip(items, discounts).map { item, discount in
        OrderLine(
            item.product, quantity: item.quantity, discount: discount,
            tax: rates.tax(of: item.product.taxClass), isTaxIncluded: call.shop.pricesIncludeTax)
    }
    var method = try shippingMethod(
        for: items, at: discounts.reduce(subtotal) { $0 &- $1 }, purchase, in: tx)
    if discount?.isShippingFree == true { method?.price = .zero }
    guard
        let amounts = OrderAmounts(
            of: lines, shipping: method?.price ?? .zero,
            shippingTax: method.flatMap { rates.tax(of: $0.taxClass) }?.rate ?? .zero,
            isTaxIncluded: call.shop.pricesIncludeTax)
    else { throw costsTooMuch }
    return OrderQuote(
        amounts: amounts, lines: lines, discount: discount,
        delivery: OrderDelivery(purchase, by: method),
        destination: place.map { TaxDestination(country: $0.country, region: rates.region) },
        allowsCashOnDelivery: method?.allowsCashOnDelivery ?? false)
}

/// Returns what the coupon of an order does, or nil if the order has none.
private func discount(
    on items: [(product: SoldProduct, quantity: Int64)], for purchase: Purchase, by call: Call,
    in tx: any Transaction
) throws -> CouponDiscount? {
    guard let code = purchase.coupon else { return nil }
    let lines = items.map { product, quantity in
        CouponLine(
            product: product.id, category: product.category, total: product.price &* quantity)
    }
    // The uses of a guest cannot be counted.
    let buyer = purchase.buyer
    let customer = buyer.guest == nil && buyer.id != Caller.anonymous.id ? buyer.id : nil
    return try couponDiscount(code, on: lines, for: customer, at: call.now, in: tx)
}

private let costsTooMuch = Problem.invalid([
    .init(field: "items", message: "must not cost more than \(Money.max.minorUnits)")
])

/// Returns the shipping method that the order names, if it applies.
///
/// An order without products that require shipping takes none. Other orders need an address and a
/// method as soon as the shop has any method.
///
/// - Throws: `Problem` 422 `invalid_request`.
private func shippingMethod(
    for items: [(product: SoldProduct, quantity: Int64)], at subtotal: Money,
    _ purchase: Purchase, in tx: any Transaction
) throws -> ChosenShippingMethod? {
    func fault(_ field: String, _ message: String) -> Problem.Fault {
        .init(field: field, message: message)
    }
    guard items.contains(where: { $0.product.requiresShipping }) else {
        guard purchase.shippingMethod == nil else {
            throw Problem.invalid([
                fault("shipping_method", "must be omitted: no product requires shipping")
            ])
        }
        return nil
    }
    guard let id = purchase.shippingMethod, let address = purchase.shippingAddress else {
        guard try purchase.shippingMethod != nil || hasShippingMethods(in: tx) else { return nil }
        throw Problem.invalid(
            [
                purchase.shippingAddress == nil ? fault("shipping_address", "is missing") : nil,
                purchase.shippingMethod == nil ? fault("shipping_method", "is missing") : nil,
            ].compactMap { $0 })
    }
    let weight = items.reduce(0) { $0 + $1.product.weightGrams * $1.quantity }
    let parcel = Parcel(country: address.country, weightGrams: weight, subtotal: subtotal)
    guard let method = try findShippingMethod(id, for: parcel, in: tx) else {
        throw Problem.invalid([fault("shipping_method", "does not apply to this order")])
    }
    return method
}

extension Purchase {
    /// The country and region of the address, or the shop's own country.
    fileprivate func taxPlace(in shop: Shop) -> (country: String, region: String?)? {
        if let address = shippingAddress ?? billingAddress {
            return (address.country, address.region)
        }
        return shop.country.map { ($0, nil) }
    }
}

extension OrderLine {
    fileprivate init(
        _ product: SoldProduct, quantity: Int64, discount: Money, tax: AppliedTax?,
        isTaxIncluded: Bool
    ) {
        self.init(
            product: product.id, name: product.name, sku: product.sku, unitPrice: product.price,
            quantity: quantity, discount: discount, taxRate: tax?.rate ?? .zero,
            taxName: tax?.name, isTaxIncluded: isTaxIncluded,
            requiresShipping: product.requiresShipping)
        self.tax = taxRate.tax(on: total, included: isTaxIncluded)
    }
}

extension OrderDelivery {
    fileprivate init(_ purchase: Purchase, by method: ChosenShippingMethod?) {
        self.init(
            method: method.map { OrderShippingMethod(id: $0.id, name: $0.name, price: $0.price) },
            shippingAddress: purchase.shippingAddress.map(json),
            billingAddress: purchase.billingAddress.map(json), note: purchase.note)
    }
}

private func json(_ address: PostalAddress) -> String {
    JSONWriter.text(of: address)
}
