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
    let response = try GuessLimit(ofGiftCards: call).allow {
        try giftCardOrNil {
            try call.write { tx in
                let entry = try redeemGiftCard(
                    redemption.code, into: customer.id, at: call.now, in: tx,
                    currency: call.shop.currency)
                return .created(entry, at: "/customers/\(customer.username)/wallet/entries")
            }
        }
    }
    guard let response else { throw giftCardInvalid }
    return response
}

extension GuessLimit {
    /// The limit on codes of gift cards that an account tries: five wrong ones, and then a growing
    /// delay.
    public init(ofGiftCards call: Call) {
        self.init("gift cards", of: .account, freeFailures: 5, countsFirst: true, call)
    }
}

/// Returns nil instead of the problem `gift_card_invalid`, for `GuessLimit.allow`.
public func giftCardOrNil<T>(_ body: () throws -> T) throws -> T? {
    do {
        return try body()
    } catch let problem as Problem where problem.code == giftCardInvalid.code {
        return nil
    }
}

/// 409 for every card that cannot be redeemed, which does not reveal why.
public let giftCardInvalid = Problem.conflict(
    "gift_card_invalid", "The gift card is unknown, used, cancelled or expired.")

/// Credits a gift card to a wallet, once.
///
/// The caller limits guesses (`GuessLimit`). `order` is the order that the card pays for, if any.
///
/// - Returns: the new entry of the wallet's ledger.
/// - Throws: `Problem` 409 `gift_card_invalid`, `wallet_full`; 403 `own_account` for the member of
///   staff who has created the card.
public func redeemGiftCard(
    _ code: String, into customer: Int64, order: Int64? = nil, at now: Instant,
    in tx: any Transaction, currency: String
) throws -> WalletEntry {
    guard let hash = try CodeHash(in: tx)?.hash(of: TypedCode(typed: code)) else {
        throw giftCardInvalid
    }
    // Concurrent requests with the same card wait for each other here.
    let row = try tx.first(
        """
        SELECT id, amount, created_by FROM gift_cards
        WHERE code_hash = \(hash) AND status = 'open'
            AND (expires_at IS NULL OR expires_at > \(now)) \(.alone("gift_cards"))
        """)
    guard let row else { throw giftCardInvalid }
    guard try row["created_by"] != customer else {
        throw Problem.forbidden("You have created this gift card.", code: "own_account")
    }
    let card: Int64 = try row["id"]
    try creditWallet(
        try row["amount"], of: customer,
        for: WalletCause(.giftCard, by: customer, order: order, at: now), in: tx)
    let entry = try newestWalletEntry(of: customer, in: tx, currency: currency)
    try tx.run(
        """
        UPDATE gift_cards SET status = 'redeemed', redeemed_by = \(customer),
            redeemed_at = \(now), wallet_entry_id = \(entry.id)
        WHERE id = \(card)
        """)
    return entry
}
