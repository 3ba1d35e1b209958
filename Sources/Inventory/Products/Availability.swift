public import HTTP
public import Service

/// What everyone sees of a product's stock.
enum Availability: String, JSONWritable {
    /// More units than the product's `low_stock`, or any if it has none.
    case inStock = "in_stock"
    /// At or below `low_stock`.
    case low
    /// None.
    case outOfStock = "out_of_stock"

    func write(to json: inout JSONWriter) { rawValue.write(to: &json) }
}

/// What a caller sees of a product's stock beyond its availability.
public enum StockVisibility: Sendable {
    /// Nothing.
    case availability
    /// `stock`.
    case stock
    /// `stock` and `low_stock`.
    case all
}

extension Call {
    /// Staff see all; others see `stock` if the shop shows it (`SOUK_SHOW_STOCK`).
    public var stockVisibility: StockVisibility {
        caller.isAtLeast(.staff) ? .all : shop.showsStock ? .stock : .availability
    }
}

extension Product {
    var availability: Availability {
        stock == 0 ? .outOfStock : stock <= details.lowStock ?? 0 ? .low : .inStock
    }

    /// Writes `availability`, and `stock` if the caller sees it.
    public func writeStock(to json: inout JSONWriter) {
        json.field("availability", availability)
        if visibility != .availability { json.field("stock", stock) }
    }
}
