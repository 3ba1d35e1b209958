import Customers
import HTTP
import Inventory
import Outbox
import Service
import Storage
import Values

/// The body of `POST /sales`: 1 to 100 lines, each with a different product.
struct NewOrder: Input {
    let items: [OrderItem]
    let expectedTotal: Money?

    init(_ fields: inout Fields) {
        items = fields.list("items", count: 1...100, of: OrderItem.self, distinct: "product_id")
        expectedTotal = fields.optional("expected_total", .money(0...Money.max.minorUnits))
    }
}

/// A number of units of a product, in a new order or a refund.
struct OrderItem: Input {
    let product: Int64
    let quantity: Int64

    init(_ fields: inout Fields) {
        product = fields.required("product_id", .id)
        quantity = fields.required("quantity", .integer(1...1_000_000))
    }
}

@Sendable func createOrder(_ new: NewOrder, _ call: Call, in tx: any Transaction) throws -> Response
{
    let order = try createOrder(
        new, for: call.caller, at: call.now, in: tx, currency: call.shop.currency)
    return .created(order, at: "/sales/\(order.id)")
}

/// Creates an order at the current prices.
///
/// Stock, wallet, order and both ledgers change in one transaction.
///
/// - Throws: `Problem` 404 `product_not_found`; 409 `insufficient_stock`, `insufficient_funds`,
///   `price_changed`, `day_full`; 422 if the total exceeds `Money.max`.
func createOrder(
    _ new: NewOrder, for buyer: Caller, at now: Instant, in tx: any Transaction, currency: String
) throws -> Order {
    let taken = try takeStock(for: new, of: buyer, in: tx)
    let total = try total(of: taken)
    try requireTotal(total, expectedBy: new)
    try refuseOverflow(total, at: now, in: tx)
    let id = try tx.insert(
        """
        INSERT INTO orders (customer_id, status, total, currency, created_at)
        VALUES (\(buyer.id), \(OrderStatus.paid), \(total), \(currency), \(now))
        """)
    for line in taken {
        try tx.later(
            """
            INSERT INTO order_lines (order_id, product_id, name, unit_price, quantity)
            VALUES (\(id), \(line.product), \(line.name), \(line.unitPrice), \(line.quantity))
            """)
    }
    try enterSoldStock(
        of: taken, order: id, by: buyer.id, at: now, in: tx, currency: currency)
    if total > .zero {
        try debitWallet(
            total, of: buyer.id, for: .init(.purchase, by: buyer.id, order: id, at: now), in: tx)
    }
    try updateSalesTotals(after: id, in: tx)
    let order = Order(
        id: id, customer: buyer.id, username: buyer.username, status: .paid, total: total,
        refunded: .zero, currency: currency, createdAt: now, lines: taken.map(OrderLine.init))
    for type in [EventType.orderCreated, .orderPaid] {
        try publish(
            type, on: order.path, order, of: buyer.id, by: buyer.id, at: now, in: tx)
    }
    return order
}

/// Takes the stock of every item in the order of product ids, so that two orders cannot deadlock.
private func takeStock(for new: NewOrder, of buyer: Caller, in tx: any Transaction) throws
    -> [TakenStock]
{
    let items = new.items
    var taken: [TakenStock] = []
    var short: [(index: Int, item: OrderItem)] = []
    for (index, item) in items.enumerated().sorted(by: { $0.element.product < $1.element.product })
    {
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
    try refuseWhatIsNotAffordable(new, taken, short: short.map(\.item), by: buyer, in: tx)
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
    _ new: NewOrder, _ taken: [TakenStock], short: [OrderItem], by buyer: Caller,
    in tx: any Transaction
) throws {
    var total = try total(of: taken)
    for item in short {
        let price = try price(of: item.product, in: tx)
        guard let sum = price.times(item.quantity).flatMap(total.adding) else {
            throw costsTooMuch
        }
        total = sum
    }
    try requireTotal(total, expectedBy: new)
    try requireFunds(total, of: buyer.id, in: tx)
}

private func requireTotal(_ total: Money, expectedBy new: NewOrder) throws {
    guard let expected = new.expectedTotal, expected != total else { return }
    throw Problem.conflict("price_changed", "The total is now \(total.minorUnits).")
}

private let costsTooMuch = Problem.invalid([
    .init(field: "items", message: "must not cost more than \(Money.max.minorUnits)")
])

private func total(of taken: [TakenStock]) throws -> Money {
    var total = Money.zero
    for line in taken {
        guard let sum = line.unitPrice.times(line.quantity).flatMap(total.adding) else {
            throw costsTooMuch
        }
        total = sum
    }
    return total
}

extension OrderLine {
    fileprivate init(_ taken: TakenStock) {
        self.init(
            product: taken.product, name: taken.name, unitPrice: taken.unitPrice,
            quantity: taken.quantity)
    }
}
