import Customers
import HTTP
import Service
import Storage
import Values

/// The body of `POST /sales`: 1 to 100 lines, each with a different product.
struct NewOrder: Input {
    let items: [OrderItem]
    let expectedTotal: Money?
    let shippingAddress: ObjectOrID<PostalAddress>?
    let billingAddress: ObjectOrID<PostalAddress>?
    let shippingMethod: Int64?
    let note: String?
    /// The username of the customer for whom a member of staff orders.
    let customer: String?

    init(_ fields: inout Fields) {
        items = fields.list("items", count: 1...100, of: OrderItem.self, distinct: "product_id")
        expectedTotal = fields.optional("expected_total", .money(0...Money.max.minorUnits))
        shippingAddress = fields.optionalObjectOrID("shipping_address", of: PostalAddress.self)
        billingAddress = fields.optionalObjectOrID("billing_address", of: PostalAddress.self)
        shippingMethod = fields.optional("shipping_method", .id)
        note = fields.optional("note", .text(1...500))
        customer = fields.optional("customer", .typedUsername)
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
