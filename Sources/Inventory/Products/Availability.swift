public import HTTP
public import Service

/// The part of a product's stock that everyone sees.
enum Availability: String, JSONWritable {
    /// More units than the product's `low_stock`, or at least one if it has none.
    case inStock = "in_stock"
    /// Some units, but at most `low_stock`.
    case low
    /// No units.
    case outOfStock = "out_of_stock"

    func write(to json: inout JSONWriter) { rawValue.write(to: &json) }
}

/// What a caller sees of a product's stock besides its availability.
public enum StockVisibility: Sendable {
    /// Nothing.
    case availability
    /// `stock`.
    case stock
    /// `stock` and `low_stock`.
    case all
}

extension Call {
    /// Staff see everything; others see `stock` if the shop shows it (`SOUK_SHOW_STOCK`).
    public var stockVisibility: StockVisibility {
        caller.isAtLeast(.staff) ? .all : shop.showsStock ? .stock : .availability
    }
}

extension Product {
    var availability: Availability {
        stock == 0 ? .outOfStock : stock <= details.lowStock ?? 0 ? .low : .inStock
    }

    /// Writes `availability`, and `stock` if the caller may see it.
    public func writeStock(to json: inout JSONWriter) {
        json.field("availability", availability)
        if visibility != .availability { json.field("stock", stock) }
    }
}
