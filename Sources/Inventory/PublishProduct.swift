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

/// Records that a product ran out or low of stock, or that it has stock again.
func publishStock(
    of product: Int64, from before: Int64, to after: Int64, lowStock: Int64?, by actor: Int64,
    at now: Instant, in tx: any Transaction, currency: String
) throws {
    let type: EventType
    if after == 0, before > 0 {
        type = .stockOut
    } else if let lowStock, before > lowStock, after <= lowStock {
        type = .stockLow
    } else if before == 0, after > 0 {
        type = .stockBack
    } else {
        return
    }
    let shown = try anyProduct(product, in: tx, ProductContext(currency: currency))
    try publish(type, shown, by: actor, at: now, in: tx)
}
