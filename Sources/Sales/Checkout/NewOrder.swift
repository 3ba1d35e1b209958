import Coupons
import Customers
import GiftCards
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
    let coupon: String?
    /// The different codes of at most 10 gift cards.
    let giftCards: [String]
    /// The address of a buyer without an account.
    let email: String?
    let note: String?
    let payment: PaymentChoice
    /// The username of the buyer; staff may order for customers.
    let customer: String?

    init(_ fields: inout Fields) {
        items = fields.list("items", count: 1...100, of: OrderItem.self, distinct: "product_id")
        expectedTotal = fields.optional("expected_total", .money(0...Money.max.minorUnits))
        shippingAddress = fields.optionalObjectOrID("shipping_address", of: PostalAddress.self)
        billingAddress = fields.optionalObjectOrID("billing_address", of: PostalAddress.self)
        shippingMethod = fields.optional("shipping_method", .id)
        coupon = fields.optional("coupon", .couponCode)
        giftCards = fields.optionalValues("gift_cards", count: 0...10, .giftCardCode)
        if !fields.hasFaults, Set(giftCards.map(TypedCode.init)).count < giftCards.count {
            fields.fault("gift_cards", "must be different codes")
        }
        email = fields.optional("email", .email)
        note = fields.optional("note", .text(1...500))
        payment = fields.optionalObject("payment", of: PaymentChoice.self) ?? .wallet
        customer = fields.optional("customer", .typedUsername)
    }
}

extension NewOrder {
    /// Whether it contains codes that might be guesses, or may be the order of a guest.
    var needsOwnTransactions: Bool { coupon != nil || !giftCards.isEmpty || email != nil }
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
