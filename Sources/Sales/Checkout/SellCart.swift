public import Customers
public import HTTP
public import Inventory
public import Service
public import Storage
public import Values

extension Purchase {
    /// Creates what a cart sells to its buyer; `items` has one line per product.
    public init(
        items: [(product: Int64, quantity: Int64)], buyer: Buyer, expectedTotal: Money?,
        shippingAddress: PostalAddress?, billingAddress: PostalAddress?, shippingMethod: Int64?,
        coupon: String?, giftCards: [String], note: String?,
        payment: PaymentChoice
    ) {
        self.init(
            items: items.map { OrderItem(product: $0.product, quantity: $0.quantity) },
            buyer: buyer, expectedTotal: expectedTotal, shippingAddress: shippingAddress,
            billingAddress: billingAddress, shippingMethod: shippingMethod, coupon: coupon,
            giftCards: giftCards, note: note, payment: payment)
    }

    /// The same purchase without its coupon.
    public var withoutCoupon: Purchase {
        var purchase = self
        purchase.coupon = nil
        return purchase
    }
}

extension Buyer {
    /// Creates the buyer with this id, which is 0 for a quote without an account.
    public init(_ caller: Caller) {
        self.init(id: caller.id, username: caller.username)
    }
}

extension OrderItem {
    fileprivate init(product: Int64, quantity: Int64) {
        self.product = product
        self.quantity = quantity
    }
}

/// The order of a cart, as a response.
public struct CartOrder: Sendable {
    private let order: Order

    fileprivate init(_ order: Order) { self.order = order }

    /// The row's id.
    public var id: Int64 { order.id }
    /// The path of the order.
    public var path: String { order.path }
    /// The customer whose order it is.
    public var customer: Int64 { order.customer }
    /// The price that the order pays for one unit of each product, by product id.
    public var unitPrices: [Int64: Money] {
        Dictionary(uniqueKeysWithValues: order.lines.map { ($0.product, $0.unitPrice) })
    }
}

extension CartOrder: JSONWritable {
    /// Writes the order as `GET /sales/{id}` does.
    public func write(to json: inout JSONWriter) { order.write(to: &json) }
}

/// Orders what is in a cart, as `POST /sales` does.
///
/// - Throws: `Problem` 404 `product_not_found`; 409 `insufficient_stock`, `insufficient_funds`,
///   `price_changed`, `coupon_invalid`, `gift_card_invalid`, `payment_method_not_allowed`,
///   `day_full`; 422 if the total exceeds `Money.max`, if the cart lacks an address or a shipping
///   method, and `quota_exceeded`.
public func sellCart(_ purchase: Purchase, by call: Call, in tx: any Transaction) throws
    -> CartOrder
{
    announceStock(of: purchase.items, shipsBy: purchase.shippingMethod, in: tx)
    return CartOrder(try sell(purchase, by: call, in: tx).order)
}

/// Orders what is in a cart of a visitor, and creates the guest who owns the order.
///
/// `secret` is the token of the cart, from which the token of the order is derived. `purchase`
/// returns the purchase of the guest.
///
/// - Throws: the problems of `sellCart`; `Problem` 422 for a payment from a wallet, and
///   `quota_exceeded`.
public func sellCartToGuest(
    _ email: String, secret: String, by call: Call, in tx: any Transaction,
    _ purchase: (Buyer) -> Purchase
) throws -> CartOrder {
    let token = OrderToken.derived(from: secret)
    return CartOrder(
        try sellToGuest(email, token: token, by: call, in: tx) { buyer in
            let purchase = purchase(buyer)
            try purchase.payment.requireNoWallet()
            return purchase
        })
}

/// Returns the order of a visitor's cart with its token, unless an account has claimed the order.
///
/// - Throws: `Problem` 404 `order_not_found`.
public func guestCartOrder(_ id: Int64, secret: String, in tx: any Transaction) throws -> CartOrder
{
    let token = OrderToken.derived(from: secret)
    let guest = try OrderToken.guest(token.text, ofOrder: "\(id)", in: tx)
    var order = try order(id, visibleTo: guest.caller, in: tx)
    order.token = token
    return CartOrder(order)
}

/// Returns the order of a cart that was checked out, for the customer of the cart and for staff.
///
/// - Throws: `Problem` 404 `order_not_found`.
public func cartOrder(_ id: Int64, visibleTo caller: Caller, in tx: any Transaction) throws
    -> CartOrder
{
    CartOrder(try order(id, visibleTo: caller, in: tx))
}

/// The amounts of a cart, as its order would have them now.
public struct CartQuote: Sendable {
    private let quote: OrderQuote
    /// The amounts of each line, by product id.
    public let lines: [Int64: Line]

    /// The amounts of a line.
    public struct Line: Sendable {
        /// The discount on the line.
        public let discount: Money
        /// The tax on the line.
        public let tax: Money
        /// The price of the line after the discount.
        public let total: Money
    }

    fileprivate init(_ quote: OrderQuote) {
        self.quote = quote
        lines = Dictionary(
            uniqueKeysWithValues: quote.lines.map {
                ($0.product, Line(discount: $0.discount, tax: $0.tax, total: $0.total))
            })
    }

    /// Writes the totals as members, as an order has them.
    public func write(totalsTo json: inout JSONWriter) { quote.amounts.write(membersTo: &json) }
}

/// Quotes products of a cart without a change in the database.
///
/// `purchase` has the choices of the buyer; its items are ignored. Without `shipping` the quote
/// leaves shipping out, for a cart that lacks an address or a method. In a write it locks the
/// coupon, so the caller must lock no products or customers afterwards.
///
/// - Throws: `Problem` 422 and 409 `coupon_invalid` with their faults, as `sellCart`.
public func quoteCart(
    _ items: [(product: Product, quantity: Int64)], for purchase: Purchase, withShipping: Bool,
    by call: Call, in tx: any Transaction
) throws -> CartQuote {
    var purchase = purchase
    if !withShipping { purchase.shippingMethod = nil }
    let sold = items.map {
        (
            product: SoldProduct($0.product, isSent: withShipping && $0.product.isSent),
            quantity: $0.quantity
        )
    }
    return CartQuote(try quote(sold, for: purchase, by: call, in: tx))
}

extension Product {
    fileprivate var isSent: Bool { details.requiresShipping }
}
