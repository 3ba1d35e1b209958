import Customers
import HTTP
import Inventory
import Service
import Storage
import Values

/// The body of `POST /sales`: 1–100 lines, each of another product.
struct Order {
    let items: [Item]
    let expectedTotal: Money?

    struct Item {
        let product: Int64
        let quantity: Int64
    }
}

extension Order.Item: Input {
    init(_ fields: inout Fields) {
        product = fields.required("product_id", .id)
        quantity = fields.required("quantity", .integer(1...1_000_000))
    }
}

extension Order: Input {
    init(_ fields: inout Fields) {
        items = fields.list("items", count: 1...100, of: Item.self, distinct: "product_id")
        expectedTotal = fields.optional("expected_total", .money(0...Money.max.minorUnits))
    }
}

@Sendable func sell(_ order: Order, _ call: Call, in tx: any Transaction) throws -> Response {
    let sale = try sell(
        order, to: call.caller, at: call.now, in: tx, currency: call.shop.currency)
    return .created(sale, at: "/sales/\(sale.id)")
}

/// Sells `order` at today's price: stock, wallet, order and both ledgers move together, or nothing
/// does.
/// - Throws: `Problem` 404 `product_not_found`; 409 `insufficient_stock`, `insufficient_funds`,
///   `price_changed`, `day_full`; 422 where the total is beyond `Money.max`.
func sell(
    _ order: Order, to buyer: Caller, at now: Instant, in tx: any Transaction, currency: String
) throws -> Sale {
    let taken = try takeStock(for: order, in: tx)
    let total = try total(of: taken)
    if let expected = order.expectedTotal, expected != total {
        throw Problem.conflict("price_changed", "The total is \(total.minorUnits) now.")
    }
    try refuseUncountable(total, on: Day(of: now), in: tx)
    let id = try addOrder(by: buyer, total: total, at: now, in: tx, currency: currency)
    for line in taken {
        try tx.run(
            """
            INSERT INTO order_lines (order_id, product_id, name, unit_price, quantity)
            VALUES (\(id), \(line.product), \(line.name), \(line.unitPrice), \(line.quantity))
            """)
    }
    try recordSale(of: taken, order: id, by: buyer.id, at: now, in: tx)
    if total > .zero {
        try debitWallet(
            total, of: buyer.id, for: .init(.purchase, by: buyer.id, order: id, at: now), in: tx)
    }
    try countOrders(after: id, in: tx)
    return Sale(
        id: id, customer: buyer.id, username: buyer.username, status: .paid, total: total,
        refunded: .zero, currency: currency, createdAt: now, lines: taken.map(SaleLine.init))
}

/// Takes every line off the shelf, in the order of their products' ids, so that two orders never
/// wait for each other.
private func takeStock(for order: Order, in tx: any Transaction) throws -> [TakenStock] {
    var taken: [TakenStock] = []
    var short: [(index: Int, item: Order.Item)] = []
    for (index, item) in order.items.enumerated().sorted(by: {
        $0.element.product < $1.element.product
    }) {
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
            .notFound, "product_not_found", "There is no such product on sale.",
            faults: unknown.map {
                .init(field: "items[\($0.index)].product_id", message: "is not on sale")
            })
    }
    throw Problem(
        .conflict, "insufficient_stock", "The shelf holds less than this.",
        faults: short.map {
            .init(field: "items[\($0.index)].quantity", message: "is more than there is")
        })
}

private func total(of taken: [TakenStock]) throws -> Money {
    var total = Money.zero
    for line in taken {
        guard let sum = line.unitPrice.times(line.quantity).flatMap(total.adding) else {
            throw Problem.invalid([
                .init(field: "items", message: "must not cost more than \(Money.max.minorUnits)")
            ])
        }
        total = sum
    }
    return total
}

private func addOrder(
    by buyer: Caller, total: Money, at now: Instant, in tx: any Transaction, currency: String
) throws -> Int64 {
    try tx.insert(
        """
        INSERT INTO orders (customer_id, status, total, currency, created_at)
        VALUES (\(buyer.id), \(SaleStatus.paid), \(total), \(currency), \(now))
        """)
}

extension SaleLine {
    fileprivate init(_ taken: TakenStock) {
        self.init(
            product: taken.product, name: taken.name, unitPrice: taken.unitPrice,
            quantity: taken.quantity)
    }
}
