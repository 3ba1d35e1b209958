public import Customers
import HTTP
public import Service
public import Storage
public import Values

/// The body of `POST /customers/{username}/wallet/gift-cards`.
struct Redemption: Input {
    let code: String

    init(_ fields: inout Fields) {
        code = fields.required("code", .giftCardCode)
    }
}

extension Check<String> {
    /// The code of a gift card as people type it.
    public static let giftCardCode = Check.typed(1...100)
}

/// Credits a gift card to the caller's wallet.
///
/// - Throws: `Problem` 404 `customer_not_found`; 403 `forbidden`, `own_account`; 409
///   `gift_card_invalid`, `wallet_full`; 429 `too_many_guesses`.
@Sendable func redeemGiftCard(_ redemption: Redemption, _ call: Call) throws -> Response {
    try call.read { try requireSelf(call, in: $0) }
    let customer = call.caller
    return try GuessLimit(ofGiftCards: call).run(wrong: giftCardInvalid) {
        try call.write { tx in
            let cards = try openGiftCards(
                [redemption.code], for: customer.id, by: customer.id, at: call.now, in: tx)
            let entries = try redeem(
                cards, into: customer.id, by: customer.id, at: call.now, in: tx,
                currency: call.shop.currency)
            try publish(
                entries[0], ofWallet: customer.id, named: customer.username, by: customer.id,
                at: call.now, in: tx)
            return .created(entries[0], at: "/customers/\(customer.username)/wallet/entries")
        }
    }
}

extension GuessLimit {
    /// The limit on codes of gift cards that a caller tries: five wrong ones, and then a growing
    /// delay.
    ///
    /// It counts by account, and by network if the caller has none.
    public init(ofGiftCards call: Call) {
        self.init(
            "gift cards", of: call.caller.role == nil ? .network : .account, freeFailures: 5,
            countsFirst: true, call)
    }
}

/// 409 for every card that cannot be redeemed, which does not reveal why.
public let giftCardInvalid = Problem.conflict(
    "gift_card_invalid", "A gift card is unknown, used, cancelled or expired.")

/// Open gift cards that a transaction has locked to redeem them.
public struct OpenGiftCards: Sendable {
    /// The sum of the cards; zero without any.
    public var amount: Money { cards.reduce(.zero) { $0 &+ $1.amount } }

    fileprivate let cards: [(id: Int64, amount: Money)]
}

/// Finds open gift cards by their different codes, and locks them in the order of their ids.
///
/// The caller limits guesses (`GuessLimit`). In a transaction that changes a wallet too, the cards
/// are locked before the wallet.
///
/// `customer` owns the wallet that gets the money, and `actor` redeems the cards.
///
/// - Returns: the cards by id.
/// - Throws: `Problem` 409 `gift_card_invalid`; 403 `own_account` for the member of staff who has
///   created a card.
public func openGiftCards(
    _ codes: [String], for customer: Int64, by actor: Int64, at now: Instant,
    in tx: any Transaction
) throws -> OpenGiftCards {
    guard !codes.isEmpty else { return OpenGiftCards(cards: []) }
    guard let hash = try CodeHash(in: tx) else { throw giftCardInvalid }
    let hashes = codes.map { hash.hash(of: TypedCode(typed: $0)) }
    // Concurrent requests with the same card wait for each other here.
    let cards = try tx.all(
        """
        SELECT id, amount, created_by FROM gift_cards
        WHERE code_hash IN \(hashes.list) AND status = 'open'
            AND (expires_at IS NULL OR expires_at > \(now))
        ORDER BY id \(.alone("gift_cards"))
        """
    ) {
        (
            id: try $0["id"] as Int64, amount: try $0["amount"] as Money,
            by: try $0["created_by"] as Int64
        )
    }
    guard cards.count == codes.count else { throw giftCardInvalid }
    guard cards.allSatisfy({ $0.by != customer && $0.by != actor }) else {
        throw Problem.forbidden("You have created this gift card.", code: "own_account")
    }
    return OpenGiftCards(cards: cards.map { ($0.id, $0.amount) })
}

/// Credits locked gift cards to a wallet; `order` is the order that they pay for, if any.
///
/// - Returns: the new entries of the wallet's ledger.
/// - Throws: `Problem` 409 `customer_erased`, `wallet_full`.
@discardableResult
public func redeem(
    _ cards: OpenGiftCards, into customer: Int64, by actor: Int64, order: Int64? = nil,
    at now: Instant, in tx: any Transaction, currency: String
) throws -> [WalletEntry] {
    try cards.cards.map { card in
        try creditWallet(
            card.amount, of: customer,
            for: WalletCause(.giftCard, by: actor, order: order, at: now), in: tx)
        let entry = try newestWalletEntry(of: customer, in: tx, currency: currency)
        try tx.run(
            """
            UPDATE gift_cards SET status = 'redeemed', redeemed_by = \(customer),
                redeemed_at = \(now), wallet_entry_id = \(entry.id)
            WHERE id = \(card.id)
            """)
        return entry
    }
}
