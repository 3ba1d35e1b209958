import Customers
import HTTP
import Service
import Storage
import Values

/// The body of `POST /sales/gift-cards`.
struct GiftCardBatch: Input {
    let amount: Money
    let count: Int64
    let expiresAt: Instant?

    init(_ fields: inout Fields) {
        amount = fields.required("amount", .money(1...100_000_000_000))
        count = fields.required("count", .integer(1...100))
        expiresAt = fields.optional("expires_at", .instant)
    }
}

/// Creates gift cards and shows their codes; a dry run shows codes that no card has.
@Sendable func createGiftCards(_ batch: GiftCardBatch, _ call: Call) throws -> Response {
    try call.writeSealed { tx in
        if let expiresAt = batch.expiresAt, expiresAt <= call.now {
            throw Problem.invalid([.init(field: "expires_at", message: "must be in the future")])
        }
        let hash = try CodeHash.ofNewCards(in: tx)
        let cards = try (0..<batch.count).map { _ in
            let code = TypedCode.random(letters: 16)
            let card = try addGiftCard(hash.hash(of: code), batch, call, in: tx)
            return NewGiftCard(card: card, code: code)
        }
        try audit(
            .createdGiftCards, of: nil, on: "/sales/gift-cards",
            after: #"{"amount":\#(batch.amount.minorUnits),"count":\#(batch.count)}"#, by: call,
            in: tx)
        return .created(Listing(cards), at: "/sales/gift-cards")
    }
}

private func addGiftCard(
    _ hash: String, _ batch: GiftCardBatch, _ call: Call, in tx: any Transaction
) throws -> GiftCard {
    let id = try tx.insert(
        """
        INSERT INTO gift_cards (code_hash, amount, status, expires_at, created_by, created_at)
        VALUES (\(hash), \(batch.amount), 'open', \(batch.expiresAt.stored), \(call.caller.id),
            \(call.now))
        """)
    return GiftCard(
        id: id, amount: batch.amount, currency: call.shop.currency, status: .open,
        isExpired: false, expiresAt: batch.expiresAt, creator: call.caller.username,
        createdAt: call.now, redeemer: nil, redeemedAt: nil, cancelledAt: nil)
}
