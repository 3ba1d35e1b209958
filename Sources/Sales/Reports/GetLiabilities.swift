import Customers
import GiftCards
import HTTP
import Service
import Storage

/// What the shop owes, and what it is owed, at the time of the request.
struct Liabilities: JSONWritable {
    let wallets: Liability
    let giftCards: Liability
    let unpaidOrders: Liability
    let currency: String

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("wallets", wallets)
            $0.field("gift_cards", giftCards)
            $0.field("unpaid_orders", unpaidOrders)
            $0.field("currency", currency)
        }
    }
}

/// A sum and how many it is of.
struct Liability: JSONWritable {
    let count: Int64
    /// In minor units; it may exceed `Money.max`.
    let amount: Int64

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("count", count)
            $0.field("amount", amount)
        }
    }
}

/// Shows the balances of wallets, open gift cards and unpaid orders.
///
/// No table is scanned: wallets are a stored sum and the last entries of the ledger, and the others
/// are read from indexes of open gift cards and of unpaid orders only.
@Sendable func getLiabilities(_ call: Call) throws -> Response {
    let now = call.now
    while try call.commit({ try foldWalletEntries(at: now, in: $0) }) {}
    let report = try call.read { tx in
        let wallets = try walletTotals(in: tx)
        let cards = try openGiftCards(at: now, in: tx)
        // With a range of the totals, which is all of them, each engine reads their index.
        let unpaid = try tx.first(
            """
            SELECT COUNT(*) AS count, COALESCE(\(SQL(sum: "total")), 0) AS amount FROM orders
            WHERE payment_status = 'unpaid' AND status <> 'cancelled' AND total >= 0
            """)
        return Liabilities(
            wallets: Liability(count: wallets.wallets, amount: wallets.amount),
            giftCards: Liability(count: cards.count, amount: cards.amount),
            unpaidOrders: Liability(
                count: try unpaid?["count"] ?? 0, amount: try unpaid?["amount"] ?? 0),
            currency: call.shop.currency)
    }
    guard call.request.preferredType(of: [.json, .csv]) == .csv else {
        return .negotiated(.json, JSONWriter.bytes(of: report))
    }
    let rows = [
        ("wallets", report.wallets), ("gift_cards", report.giftCards),
        ("unpaid_orders", report.unpaidOrders),
    ]
    return call.csv(
        ["kind", "count", "amount", "currency"],
        rows.map {
            [.text($0.0), .number($0.1.count), .number($0.1.amount), .text(report.currency)]
        })
}
