public import Customers
import HTTP
import Service
import Storage
import Values

/// The gift cards that a person has redeemed.
///
/// They belong to the ledger of the wallet, and stay with it.
public let personalData: [PersonalData] = [
    PersonalData("gift_cards") { customer, tx in
        try tx.all(RedeemedCard.self, "WHERE redeemed_by = \(customer) ORDER BY id")
    }
]

/// A gift card as an export of its redeemer shows it.
private struct RedeemedCard: Record, JSONWritable {
    let id: Int64
    let amount: Money
    let redeemedAt: Instant

    static let columns: SQL = "id, amount, redeemed_at"
    static let source: SQL = "gift_cards"

    init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        amount = try row["amount"]
        redeemedAt = try row["redeemed_at"]
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("amount", amount)
            $0.field("redeemed_at", redeemedAt)
        }
    }
}
