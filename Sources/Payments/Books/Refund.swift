import Customers
import HTTP
import Outbox
public import Service
public import Storage
public import Values

/// The status of a refund.
enum RefundStatus: String, Sendable, Storable {
    case pending
    case succeeded
    /// The provider accepted it, and its money came back.
    case failed
    /// The provider did not accept it.
    case rejected
}

/// Money of a payment that goes back to its source.
struct Refund: Record {
    let id: Int64
    let ref: String
    let payment: Int64
    let status: RefundStatus
    let amount: Money
    let debited: Money
    let createdAt: Instant

    static let columns: SQL = "id, ref, payment_id, status, amount, debited, created_at"
    static let source: SQL = "refunds"

    init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        ref = try row["ref"]
        payment = try row["payment_id"]
        status = try row["status"]
        amount = try row["amount"]
        debited = try row["debited"]
        createdAt = try row["created_at"]
    }
}

/// Returns what staff must pay back by hand for an order since a refund at `time`, by method.
public func refundsByHand(ofOrder order: Int64, at time: Instant, in tx: any Transaction) throws
    -> [(method: PaymentMethod, amount: Money)]
{
    try tx.all(
        """
        SELECT payments.method, refunds.amount
        FROM payments JOIN refunds ON refunds.payment_id = payments.id
        WHERE payments.order_id = \(order) AND payments.order_id IS NOT NULL
            AND payments.provider = \(manualProvider) AND refunds.created_at = \(time)
        ORDER BY refunds.id
        """
    ) { (try $0["method"], try $0["amount"]) }
}

/// Returns the refund of a payment after which `sum` of it was refunded, if staff pay it by hand.
///
/// Such refunds never fail, so they add up to the sum in their order.
public func refundByHand(of payment: Int64, reaching sum: Money, in tx: any Transaction) throws
    -> Money?
{
    let amounts: [Money] = try tx.all(
        """
        SELECT refunds.amount FROM refunds JOIN payments ON payments.id = refunds.payment_id
        WHERE refunds.payment_id = \(payment) AND payments.provider = \(manualProvider)
        ORDER BY refunds.id
        """
    ) { try $0["amount"] }
    var refunded = Money.zero
    return amounts.first { amount in
        refunded = refunded &+ amount
        return refunded == sum
    }
}

/// Debits a wallet, and sends the amount back to the source of a payment.
///
/// The courier talks to the provider after the commit. If the provider rejects the refund, the
/// wallet gets the money back. Cash and bank transfers are paid back by staff themselves.
///
/// - Throws: `Problem` 404 `payment_not_found`; 409 `refund_exceeds_paid` if less of the payment is
///   left; 409 `insufficient_funds`.
public func refundPayment(_ id: Int64, _ amount: Money, by call: Call, in tx: any Transaction)
    throws
{
    let payment = try payment(id, in: tx)
    let isLeft =
        try tx.run(
            """
            UPDATE payments SET refunded = refunded + \(amount)
            WHERE id = \(id) AND refunded + \(amount) <= captured
            """) == 1
    guard isLeft else {
        throw Problem.conflict(
            "refund_exceeds_paid", "The refund exceeds what is left of the payment.")
    }
    try debitWallet(
        amount, of: payment.customer,
        for: .init(
            .paidOut, by: call.caller.id, order: payment.order, payment: id, at: call.now), in: tx)
    let isByHand = payment.provider == manualProvider
    let status = isByHand ? RefundStatus.succeeded : .pending
    let refund = try tx.insert(
        """
        INSERT INTO refunds (ref, payment_id, origin, status, amount, debited, actor_id, created_at)
        VALUES (\(newRef()), \(id), 'shop', \(status), \(amount), \(amount), \(call.caller.id),
            \(call.now))
        """)
    if !isByHand {
        try enqueue(PaymentJob.refund(refund), for: payment.customer, at: call.now, in: tx)
    }
    try publish(
        .paymentRefunded, on: payment.path, try Payments.payment(id, in: tx), of: payment.customer,
        by: call, in: tx)
}
