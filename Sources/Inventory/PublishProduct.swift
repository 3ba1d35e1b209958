import Outbox
import Service
import Storage
import Values

/// Records what happened to a product.
func publish(
    _ type: EventType, _ product: Product, by actor: Int64, at now: Instant, in tx: any Transaction
) throws {
    try publish(
        type, on: subject(product.id), product, of: nil, by: actor, at: now, in: tx)
}

/// Records that an order made a product run out or low of stock, or gave it stock again.
///
/// Other units of an order make no event, so that an order writes little.
func publishStock(
    of product: Int64, from before: Int64, to after: Int64, lowStock: Int64?, by actor: Int64,
    at now: Instant, in tx: any Transaction, currency: String
) throws {
    guard let type = thresholdEvent(from: before, to: after, lowStock: lowStock) else { return }
    let shown = try anyProduct(product, in: tx, ProductContext(currency: currency))
    try publish(type, shown, by: actor, at: now, in: tx)
}

/// Records that the stock of a product was changed by hand or by an import.
func publishAdjustment(
    of product: Int64, from before: Int64, to after: Int64, lowStock: Int64?, by actor: Int64,
    at now: Instant, in tx: any Transaction, currency: String
) throws {
    let shown = try anyProduct(product, in: tx, ProductContext(currency: currency))
    try publish(
        .stockAdjusted, and: thresholdEvent(from: before, to: after, lowStock: lowStock),
        on: subject(product), shown, of: nil, by: actor, at: now, in: tx)
}

private func thresholdEvent(from before: Int64, to after: Int64, lowStock: Int64?) -> EventType? {
    if after == 0, before > 0 { return .stockOut }
    if let lowStock, before > lowStock, after <= lowStock { return .stockLow }
    return before == 0 && after > 0 ? .stockBack : nil
}
