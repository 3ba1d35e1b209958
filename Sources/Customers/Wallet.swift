public import HTTP
import Service
public import Storage
public import Values

/// Why the balance of a wallet changed.
public enum WalletEntryKind: String, Sendable, CaseIterable, Storable, JSONWritable {
    case credited
    case debited
    case purchase
    case refund
    /// Money that came from a payment, or came back from a refund that failed.
    case paidIn = "paid_in"
    /// Money that left for a refund of a payment.
    case paidOut = "paid_out"
    /// The amount of a gift card.
    case giftCard = "gift_card"
}

/// The reason for a change of a wallet: its kind, the actor, and the order or the payment.
public struct WalletCause: Sendable {
    let kind: WalletEntryKind
    let actor: Int64
    let order: Int64?
    let payment: Int64?
    let note: String?
    let time: Instant

    /// Creates a cause; `actor` is the id of the customer that requested the change.
    public init(
        _ kind: WalletEntryKind, by actor: Int64, order: Int64? = nil, payment: Int64? = nil,
        note: String? = nil, at time: Instant
    ) {
        self.kind = kind
        self.actor = actor
        self.order = order
        self.payment = payment
        self.note = note
        self.time = time
    }
}

/// Adds `amount` to a wallet.
///
/// `evenErased` is for money that leaves the wallet in the same transaction. The caller then calls
/// `requireNoMoney(ifErased:)`.
///
/// - Throws: `Problem` 409 `customer_erased`, because nobody could spend the money; 409
///   `wallet_full` if the balance would exceed `Money.max`.
public func creditWallet(
    _ amount: Money, of customer: Int64, for cause: WalletCause, evenErased: Bool = false,
    in tx: any Transaction
) throws {
    let isThere: SQL = evenErased ? "" : "AND status <> 'erased'"
    let row = try tx.first(
        """
        UPDATE customers SET balance = balance + \(amount)
        WHERE id = \(customer) \(isThere) AND balance + \(amount) <= \(Money.max)
        RETURNING balance
        """)
    guard let row else { throw try creditRefused(customer, in: tx) }
    try enter(amount, of: customer, balanceAfter: try row["balance"], for: cause, in: tx)
}

/// Returns the reason why a wallet could not be credited.
private func creditRefused(_ customer: Int64, in tx: any Transaction) throws -> Problem {
    let erased = try tx.first(
        "SELECT id FROM customers WHERE id = \(customer) AND status = 'erased'")
    return erased == nil
        ? .conflict("wallet_full", "The balance would exceed the limit of a wallet.")
        : customerErased
}

/// Rejects a transaction that leaves money in the wallet of an erased customer.
///
/// - Throws: `Problem` 409 `customer_erased`.
public func requireNoMoney(ifErased customer: Int64, in tx: any Transaction) throws {
    let row = try tx.first(
        """
        SELECT id FROM customers WHERE id = \(customer) AND status = 'erased' AND balance > 0
        \(.alone("customers"))
        """)
    guard row == nil else { throw customerErased }
}

private let customerErased = Problem.conflict(
    "customer_erased", "The customer was erased and has no wallet.")

/// Whether a wallet can take `amount`, so that `creditWallet` succeeds in the same transaction.
public func canCredit(_ amount: Money, to customer: Int64, in tx: any Transaction) throws -> Bool {
    let row = try tx.first(
        """
        SELECT id FROM customers
        WHERE id = \(customer) AND status <> 'erased' AND balance + \(amount) <= \(Money.max)
        \(.alone("customers"))
        """)
    return row != nil
}

/// Rejects a debit if the customer's wallet holds less than `amount`.
///
/// - Throws: `Problem` 409 `insufficient_funds`.
public func requireFunds(_ amount: Money, of customer: Int64, in tx: any Transaction) throws {
    let row = try tx.first(
        "SELECT id FROM customers WHERE id = \(customer) AND balance >= \(amount)")
    guard row != nil else { throw insufficientFunds }
}

private let insufficientFunds = Problem.conflict(
    "insufficient_funds", "The wallet holds less than the amount.")

/// Takes `amount` out of a wallet, if the balance is sufficient.
///
/// - Throws: `Problem` 409 `insufficient_funds`.
public func debitWallet(
    _ amount: Money, of customer: Int64, for cause: WalletCause, in tx: any Transaction
) throws {
    let row = try tx.update(
        debiting(amount, of: customer), returning: "balance",
        from: "SELECT balance FROM customers WHERE id = \(customer)")
    guard let row else { throw insufficientFunds }
    try enter(-amount, of: customer, balanceAfter: try row["balance"], for: cause, in: tx)
}

/// Announces that `debitWallet` will debit this amount.
public func announceDebit(_ amount: Money, of customer: Int64, in tx: any Transaction) {
    tx.announce(debiting(amount, of: customer), returning: "balance")
}

private func debiting(_ amount: Money, of customer: Int64) -> SQL {
    """
    UPDATE customers SET balance = balance - \(amount)
    WHERE id = \(customer) AND balance >= \(amount)
    """
}

/// Takes `amount` out of a wallet, or what the wallet holds if that is less.
///
/// - Returns: what was taken.
/// - Throws: `StoreError`.
public func debitWallet(
    upTo amount: Money, of customer: Int64, for cause: WalletCause, in tx: any Transaction
) throws -> Money {
    let row = try tx.first(
        "SELECT balance FROM customers WHERE id = \(customer) \(.alone("customers"))")
    let taken = min(amount, try row?["balance"] ?? .zero)
    guard taken > .zero else { return .zero }
    try debitWallet(taken, of: customer, for: cause, in: tx)
    return taken
}

/// Adds an entry to the ledger, whose rows are never changed.
private func enter(
    _ amount: Money, of customer: Int64, balanceAfter: Money, for cause: WalletCause,
    in tx: any Transaction
) throws {
    try tx.later(
        """
        INSERT INTO wallet_entries (customer_id, amount, balance_after, kind, order_id, payment_id,
            actor_id, note, created_at)
        VALUES (\(customer), \(amount), \(balanceAfter), \(cause.kind), \(cause.order.stored),
            \(cause.payment.stored), \(cause.actor), \(cause.note.stored), \(cause.time))
        """)
}
