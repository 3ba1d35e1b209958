import Customers
import HTTP
import Service
import Storage

/// Cancels a gift card that was not redeemed.
///
/// - Throws: `Problem` 404 `gift_card_not_found`, 409 `invalid_transition`.
@Sendable func cancelGiftCard(_ call: Call, in tx: any Transaction) throws -> Response {
    var card = try giftCard(of: call, in: tx)
    try call.requireMatch(card)
    guard card.status == .open else {
        throw Problem.conflict(
            "invalid_transition", "The gift card was \(card.status.rawValue).")
    }
    card.status = .cancelled
    card.cancelledAt = call.now
    try tx.run(
        """
        UPDATE gift_cards SET status = 'cancelled', cancelled_at = \(call.now)
        WHERE id = \(card.id)
        """)
    try audit(
        .cancelledGiftCard, of: nil, on: card.path, before: GiftCardStatus.open.rawValue,
        after: card.status.rawValue, by: call, in: tx)
    return .ok(card)
}
