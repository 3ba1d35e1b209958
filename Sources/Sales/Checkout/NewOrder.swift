import HTTP
import Service
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
