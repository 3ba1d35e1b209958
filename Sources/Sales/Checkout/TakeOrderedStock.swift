import Customers
import GiftCards
import HTTP
import Inventory
import Service
import Shipping
import Storage
import Values

extension [OrderItem] {
    /// The items in the order in which orders lock products, so that two orders cannot deadlock.
    fileprivate var byProduct: [(index: Int, item: OrderItem)] {
        enumerated().sorted { $0.element.product < $1.element.product }
            .map { (index: $0.offset, item: $0.element) }
    }
}

/// Announces what `takeStock` and the choice of a shipping method will run.
func announceStock(of items: [OrderItem], shipsBy method: Int64?, in tx: any Transaction) {
    for (_, item) in items.byProduct { announceTake(item.quantity, of: item.product, in: tx) }
    if method == nil { announceShippingMethods(in: tx) }
}

/// Takes the stock of every item in the order of product ids.
///
/// - Returns: the units by product id.
func takeStock(for purchase: Purchase, by call: Call, in tx: any Transaction) throws
    -> [TakenStock]
{
    let items = purchase.items
    var taken: [TakenStock] = []
    var short: [(index: Int, item: OrderItem)] = []
    for (index, item) in items.byProduct {
        if let line = try takeStock(item.quantity, of: item.product, in: tx) {
            taken.append(line)
        } else {
            short.append((index, item))
        }
    }
    guard !short.isEmpty else { return taken }
    short.sort { $0.index < $1.index }
    let unknown = try short.filter { try !isOnSale($0.item.product, in: tx) }
    guard unknown.isEmpty else {
        throw Problem(
            .notFound, "product_not_found", "A product is not on sale.",
            faults: unknown.map {
                .init(field: "items[\($0.index)].product_id", message: "is not on sale")
            })
    }
    try refuseWhatIsNotAffordable(purchase, taken, short: short.map(\.item), by: call, in: tx)
    throw Problem(
        .conflict, "insufficient_stock", "A product has too few units in stock.",
        faults: short.map {
            .init(field: "items[\($0.index)].quantity", message: "exceeds the stock")
        })
}

/// Rejects an order that would fail even with sufficient stock.
///
/// Otherwise anyone could find the exact stock by bisection, with orders that exceed the wallet.
private func refuseWhatIsNotAffordable(
    _ purchase: Purchase, _ taken: [TakenStock], short: [OrderItem], by call: Call,
    in tx: any Transaction
) throws {
    var items = taken.map { (product: $0.product, quantity: $0.quantity) }
    for item in short {
        guard let product = try soldProduct(item.product, in: tx) else { continue }
        items.append((product, item.quantity))
    }
    let total = try quote(items, for: purchase, by: call, in: tx).amounts.total
    try requireTotal(total, expectedBy: purchase)
    guard purchase.payment.method == .wallet else { return }
    let cards = try openGiftCards(
        purchase.giftCards, for: purchase.buyer.id, by: call.caller.id, at: call.now, in: tx)
    try requireFunds(
        total &- min(cards.amount, total), of: purchase.buyer.id, in: tx)
}
