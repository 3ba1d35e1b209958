import Coupons
import Customers
import GiftCards
import HTTP
import Inventory
import Outbox
import Service
import Storage
import Values

/// Creates an order at the current prices.
///
/// This is the only operation that sells. Stock is taken first, then the amounts are made from
/// what was taken, gift cards go to the wallet, and the payment comes last. All of it is one
/// transaction. The order is paid at once from the wallet, or if gift cards cover it, or if it costs
/// nothing; otherwise it holds its units until it is paid or expires.
///
/// - Throws: `Problem` 404 `product_not_found`; 409 `insufficient_stock`, `insufficient_funds`,
///   `price_changed`, `coupon_invalid`, `gift_card_invalid`, `payment_method_not_allowed`,
///   `day_full`; 422 if the total exceeds `Money.max`, and `quota_exceeded`.
func sell(_ purchase: Purchase, by call: Call, in tx: any Transaction) throws -> Sale {
    let taken = try takeStock(for: purchase, by: call, in: tx)
    let quote = try quote(
        taken.map { ($0.product, $0.quantity) }, for: purchase, by: call, in: tx)
    try requireTotal(quote.amounts.total, expectedBy: purchase)
    try quote.requireAllowed(purchase.payment)
    try refuseOverflow(quote.amounts.total, at: call.now, in: tx)
    let cards = try openGiftCards(
        purchase.giftCards, for: purchase.buyer.id, by: call.caller.id, at: call.now, in: tx)
    let isPaidAtOnce =
        purchase.payment.method == .wallet || quote.amounts.total <= cards.amount
    if !isPaidAtOnce { try refuseManyUnpaidOrders(of: purchase.buyer.id, in: tx) }
    if isPaidAtOnce, cards.amount == .zero, quote.amounts.total > .zero {
        announceDebit(quote.amounts.total, of: purchase.buyer.id, in: tx)
    }
    var order = try insertOrder(
        quote, of: purchase, giftCards: cards.amount, isPaid: isPaidAtOnce, by: call, in: tx)
    if let discount = quote.discount {
        try useCoupon(discount, for: order.id, by: order.customer, at: call.now, in: tx)
    }
    try enterSoldStock(
        of: taken, order: order.id, by: call.caller.id, at: call.now, in: tx,
        currency: call.shop.currency)
    try redeem(
        cards, into: order.customer, by: call.caller.id, order: order.id, at: call.now, in: tx,
        currency: call.shop.currency)
    if isPaidAtOnce {
        try debitTotal(of: order, by: call.caller.id, at: call.now, in: tx)
    } else if purchase.payment.method.hasProvider {
        order.payments = [
            try startPayment(
                of: order, order.due, by: purchase.payment, until: order.holdUntil, call, in: tx)
        ]
    }
    let sale = Sale(order)
    try publish(
        .orderCreated, and: isPaidAtOnce ? .orderPaid : nil, on: order.path, sale.json,
        of: order.customer, by: call, in: tx)
    return sale
}

/// A new order with its JSON, which the event and the answer share.
struct Sale: Sendable {
    let order: Order
    let json: JSONText

    init(_ order: Order) {
        self.order = order
        json = JSONText(JSONWriter.text(of: order))
    }
}

/// Debits the total from the buyer's wallet, and counts the order in the reports.
///
/// - Throws: `Problem` 409 `insufficient_funds`.
func debitTotal(
    of order: Order, by actor: Int64, at now: Instant, in tx: any Transaction
) throws {
    if order.amounts.total > .zero {
        try debitWallet(
            order.amounts.total, of: order.customer,
            for: .init(.purchase, by: actor, order: order.id, at: now), in: tx)
    }
    try updateSalesTotals(after: order.id, in: tx)
}

func requireTotal(_ total: Money, expectedBy purchase: Purchase) throws {
    guard let expected = purchase.expectedTotal, expected != total else { return }
    throw Problem.conflict("price_changed", "The total is now \(total.minorUnits).")
}
