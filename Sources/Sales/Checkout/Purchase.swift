import Customers
import Values

/// What is sold to a customer and how it is sent: the input of `sell`.
public struct Purchase: Sendable {
    /// One line per product.
    let items: [OrderItem]
    let buyer: Buyer
    /// The total that the buyer has seen; nil accepts any.
    var expectedTotal: Money?
    var shippingAddress: PostalAddress?
    var billingAddress: PostalAddress?
    /// The id of a shipping method.
    var shippingMethod: Int64?
    /// The code of a coupon, in any case.
    var coupon: String?
    /// The different codes of gift cards that pay first; the caller limits guesses.
    var giftCards: [String] = []
    var note: String?
    var payment = PaymentChoice.wallet
}

/// The customer of a purchase.
public struct Buyer: Sendable {
    let id: Int64
    let username: String
    /// What an order of a guest stores besides; nil for an account.
    var guest: GuestBuyer?
}

/// The buyer of an order without an account.
struct GuestBuyer: Sendable {
    let email: String
    let token: OrderToken
    /// A keyed digest of the network that sent the order.
    let network: String
}
