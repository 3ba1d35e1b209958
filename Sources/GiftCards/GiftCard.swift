import HTTP
import Service
import Storage
import Values

/// A gift card without its code, which is shown only once.
struct GiftCard: Sendable {
    let id: Int64
    let amount: Money
    let currency: String
    var status: GiftCardStatus
    let isExpired: Bool
    let expiresAt: Instant?
    let creator: String
    let createdAt: Instant
    let redeemer: String?
    let redeemedAt: Instant?
    var cancelledAt: Instant?
}

/// Whether a gift card can be redeemed.
enum GiftCardStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    case open
    case redeemed
    case cancelled
}

extension GiftCard: Record {
    static let columns: SQL = """
        card.id, card.amount, card.status, card.expires_at, creator.username AS creator,
        card.created_at, redeemer.username AS redeemer, card.redeemed_at, card.cancelled_at
        """
    static let source: SQL = """
        gift_cards AS card JOIN customers AS creator ON creator.id = card.created_by
            LEFT JOIN customers AS redeemer ON redeemer.id = card.redeemed_by
        """

    /// Decodes a row, as it is at the time of the call.
    init(_ row: Row, _ call: Call) throws {
        let expiresAt: Instant? = try row["expires_at"]
        self.init(
            id: try row["id"], amount: try row["amount"], currency: call.shop.currency,
            status: try row["status"], isExpired: expiresAt.map { $0 <= call.now } ?? false,
            expiresAt: expiresAt, creator: try row["creator"], createdAt: try row["created_at"],
            redeemer: try row["redeemer"], redeemedAt: try row["redeemed_at"],
            cancelledAt: try row["cancelled_at"])
    }
}

extension GiftCard {
    /// The path, as the audit log names it.
    var path: String { "/sales/gift-cards/\(id)" }
}

extension GiftCard: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { write(membersTo: &$0) }
    }

    func write(membersTo json: inout JSONWriter) {
        json.field("id", id)
        json.field("amount", amount)
        json.field("currency", currency)
        json.field("status", status == .open && isExpired ? "expired" : status.rawValue)
        json.field("expires_at", expiresAt)
        json.field("created_by", creator)
        json.field("created_at", createdAt)
        json.field("redeemed_by", redeemer)
        json.field("redeemed_at", redeemedAt)
        json.field("cancelled_at", cancelledAt)
    }
}

/// A new gift card with its code.
struct NewGiftCard: JSONWritable {
    let card: GiftCard
    let code: TypedCode

    func write(to json: inout JSONWriter) {
        json.object {
            card.write(membersTo: &$0)
            $0.field("code", code.text)
        }
    }
}

/// Returns the gift card in the path, locked in a write.
///
/// - Throws: `Problem` 404 `gift_card_not_found`.
func giftCard(of call: Call, in tx: any Transaction) throws -> GiftCard {
    let card = try tx.first(
        GiftCard.self, "WHERE card.id = \(try call.id()) \(.alone("card"))", call)
    guard let card else {
        throw Problem.notFound("gift_card_not_found", "There is no such gift card.")
    }
    return card
}
