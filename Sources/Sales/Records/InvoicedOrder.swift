public import Service
public import Storage
public import Values

/// An order as its invoice and its credit notes describe it.
public struct InvoicedOrder: Sendable {
    /// The number of the order.
    public let id: Int64
    /// The id of the buyer.
    public let customer: Int64
    /// The buyer's username.
    public internal(set) var username = ""
    /// The address that a guest gave.
    public let email: String?
    /// How the order is paid: `wallet`, `card` and so on.
    public let paymentMethod: String
    /// The code of the coupon.
    public let coupon: String?
    /// The ISO 4217 code.
    public let currency: String
    /// Whether the prices contain the tax.
    public let isTaxIncluded: Bool
    /// What is paid for shipping, without the tax that is added to it.
    public let shipping: Money
    /// The tax of shipping.
    public let shippingTax: Money
    /// The tax rate of shipping.
    public let shippingTaxRate: TaxRate
    /// The name of the shipping method.
    public let shippingMethod: String?
    /// The tax of all lines and of shipping.
    public let tax: Money
    /// What is paid in all.
    public let total: Money
    /// A `PostalAddress` as JSON.
    public let shippingAddress: String?
    /// A `PostalAddress` as JSON.
    public let billingAddress: String?
    /// When the order was placed.
    public let createdAt: Instant
    /// When the order was paid; nil if it is unpaid.
    public let paidAt: Instant?
    /// When the order was first shipped.
    public internal(set) var shippedAt: Instant?
    /// By product id.
    public internal(set) var lines: [InvoicedLine] = []
    /// By age.
    public internal(set) var refunds: [InvoicedRefund] = []
}

/// A line of an order.
public struct InvoicedLine: Sendable {
    /// The id of the product.
    public let product: Int64
    /// The name of the product at the time of the order.
    public let name: String
    /// The stock keeping unit of the product.
    public let sku: String?
    /// The price of one unit.
    public let unitPrice: Money
    /// The number of units.
    public let quantity: Int64
    /// The discount on the whole line.
    public let discount: Money
    /// The tax on what is left after the discount.
    public let tax: Money
    /// The tax rate.
    public let taxRate: TaxRate
    /// The name of the tax; nil if there is none.
    public let taxName: String?
    /// The price of the line after the discount.
    public let total: Money
}

/// A refund or a cancellation.
public struct InvoicedRefund: Sendable {
    /// The number of its event.
    public let id: Int64
    /// What was paid back.
    public let amount: Money
    /// When it was made.
    public let createdAt: Instant
    /// The returned units of lines; empty for some refunds of earlier versions.
    public internal(set) var units: [RefundedUnits] = []
}

/// Units of an order line that a refund returned.
public struct RefundedUnits: Sendable {
    /// The id of the product.
    public let product: Int64
    /// The number of units of the line that were refunded before.
    public let before: Int64
    /// The number of units that were returned.
    public let quantity: Int64

    /// Creates units of a product.
    public init(product: Int64, before: Int64, quantity: Int64) {
        (self.product, self.before, self.quantity) = (product, before, quantity)
    }
}

/// Rejects a caller who may not see the order of the path.
///
/// - Throws: `Problem` 404 `order_not_found`.
public func requireVisibleOrder(_ call: Call, in tx: any Transaction) throws {
    _ = try order(call.id(), visibleTo: call.caller, in: tx)
}

/// Returns the day of `instant` in the time zone of the reports.
public func reportDay(of instant: Instant, in tx: any Transaction) throws -> Day {
    try day(of: instant, in: tx)
}

extension InvoicedOrder: Record {
    /// The columns of an order.
    public static let columns: SQL = """
        id, customer_id, email, payment_method, coupon, currency, tax_included, shipping,
        shipping_tax, shipping_tax_rate, shipping_method, tax, total, shipping_address,
        billing_address, created_at, paid_at
        """
    /// The table of orders.
    public static let source: SQL = "orders"

    /// Decodes a row with `columns`.
    public init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        customer = try row["customer_id"]
        email = try row["email"]
        paymentMethod = try row["payment_method"]
        coupon = try row["coupon"]
        currency = try row["currency"]
        isTaxIncluded = try row["tax_included"]
        shipping = try row["shipping"]
        shippingTax = try row["shipping_tax"]
        shippingTaxRate = TaxRate(basisPoints: try row["shipping_tax_rate"])
        shippingMethod = try row["shipping_method"]
        tax = try row["tax"]
        total = try row["total"]
        shippingAddress = try row["shipping_address"]
        billingAddress = try row["billing_address"]
        createdAt = try row["created_at"]
        paidAt = try row["paid_at"]
    }
}
