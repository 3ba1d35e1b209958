import Customers

extension AuditAction {
    static let createdGiftCards = AuditAction(rawValue: "created_gift_cards")
    static let cancelledGiftCard = AuditAction(rawValue: "cancelled_gift_card")
}
