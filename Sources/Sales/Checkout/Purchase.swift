import Values

/// What is sold to a customer: the input of `sell`.
struct Purchase: Sendable {
    /// One line per product.
    let items: [OrderItem]
    let buyer: Buyer
    /// The total that the buyer has seen; nil accepts any.
    var expectedTotal: Money?
}

/// The customer of a purchase.
struct Buyer: Sendable {
    let id: Int64
    let username: String
}
