import Customers
import Values

/// What is sold to a customer and how it is sent: the input of `sell`.
struct Purchase: Sendable {
    /// One line per product.
    let items: [OrderItem]
    let buyer: Buyer
    /// The total that the buyer has seen; nil accepts any.
    var expectedTotal: Money?
    var shippingAddress: PostalAddress?
    var billingAddress: PostalAddress?
    /// The id of a shipping method.
    var shippingMethod: Int64?
    var note: String?
}

/// The customer of a purchase.
struct Buyer: Sendable {
    let id: Int64
    let username: String
}
