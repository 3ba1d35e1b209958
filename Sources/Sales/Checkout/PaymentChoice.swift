import HTTP
import Payments
public import Service
import Storage
import Values

/// How the buyer pays for an order.
public struct PaymentChoice: Input {
    let method: PaymentMethod
    /// The page to which the payment provider sends the buyer back.
    let returnURL: String?

    /// The default: with the money in the wallet.
    public static let wallet = PaymentChoice(method: .wallet)

    init(method: PaymentMethod, returnURL: String? = nil) {
        self.method = method
        self.returnURL = returnURL
    }

    /// Reads `method` and `return_url`.
    public init(_ fields: inout Fields) {
        method = fields.required("method", .choice(of: PaymentMethod.offered, .wallet))
        returnURL = fields.optional("return_url", .returnURL)
        if method.hasProvider, returnURL == nil, !fields.hasFaults {
            fields.fault("return_url", "is missing")
        }
    }

    /// Rejects a method that the shop does not offer.
    ///
    /// - Throws: `Problem` 422 `invalid_request`.
    public func requireOffered(by shop: Shop, field: String = "payment.method") throws {
        guard !shop.payments.accepts(method) else { return }
        let offered = PaymentMethod.offered.filter(shop.payments.accepts).map(\.rawValue)
        throw Problem.invalid([
            .init(
                field: field,
                message: "is not offered by the shop: must be one of: "
                    + offered.joined(separator: ", "))
        ])
    }
}

extension OrderQuote {
    /// Rejects a payment to the carrier for a shipping method without it.
    ///
    /// - Throws: `Problem` 409 `payment_method_not_allowed`.
    func requireAllowed(_ payment: PaymentChoice) throws {
        guard payment.method == .cashOnDelivery, !allowsCashOnDelivery else { return }
        throw Problem.conflict(
            "payment_method_not_allowed",
            "The shipping method of this order does not allow cash on delivery.")
    }
}

/// The most orders of a customer that are unpaid at the same time.
let unpaidMax: Int64 = 20

/// Rejects another unpaid order of a customer who has too many, because each holds its units.
///
/// - Throws: `Problem` 422 `quota_exceeded`.
func refuseManyUnpaidOrders(of customer: Int64, in tx: any Transaction) throws {
    // Concurrent orders do not see each other.
    try tx.lock("unpaid orders of \(customer)")
    let last = try tx.first(
        """
        SELECT id FROM orders
        WHERE customer_id = \(customer) AND payment_status = 'unpaid' AND status <> 'cancelled'
        ORDER BY id LIMIT 1 OFFSET \(unpaidMax - 1)
        """)
    guard last != nil else { return }
    throw Problem.quotaExceeded(
        "At most \(unpaidMax) orders may be unpaid. Pay or cancel one of them.")
}

/// Asks the payment provider for the money of an order.
///
/// `amount` is what is due, and `hold` the time until which the order holds its units.
///
/// - Returns: the payment, which the courier starts.
/// - Throws: `Problem` 409 `payment_method_not_allowed`, 422 `quota_exceeded`.
func startPayment(
    of order: Order, _ amount: Money, by choice: PaymentChoice, until hold: Instant?, _ call: Call,
    in tx: any Transaction
) throws -> Payment {
    try createPayment(
        NewPayment(
            of: order.customer, for: order.id, by: choice.method, amount: amount,
            returnURL: choice.returnURL ?? "",
            expiresAt: CardPage.end(beforeHold: hold, at: call.now)),
        call, in: tx)
}
