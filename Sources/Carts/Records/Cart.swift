import Customers
import HTTP
import Service
import Storage
import Values

/// What a visitor or a customer intends to buy.
///
/// It promises no price and holds no stock.
struct Cart: Sendable {
    /// Nil if the customer has no cart yet.
    let id: Int64?
    /// The customer whose cart it is; nil if it is a guest's.
    let customer: Int64?
    var details = CartDetails()
    /// The order that its checkout has made.
    let order: Int64?
    let createdAt: Instant?
    var updatedAt: Instant?
    /// When the courier may delete the cart, if it does not change.
    var expiresAt: Instant?

    /// The empty cart of a customer who has none yet.
    init(of customer: Int64) {
        id = nil
        self.customer = customer
        (order, createdAt, updatedAt, expiresAt) = (nil, nil, nil, nil)
    }
}

/// What the buyer of a cart chooses besides products.
struct CartDetails: Sendable {
    var shippingAddress: PostalAddress?
    var billingAddress: PostalAddress?
    /// The id of a shipping method.
    var shippingMethod: Int64?
    var coupon: String?
    var email: String?
    var note: String?

    /// The assignments for UPDATE.
    var assignments: SQL {
        """
        shipping_address = \(shippingAddress.map(json).stored),
        billing_address = \(billingAddress.map(json).stored),
        shipping_method_id = \(shippingMethod.stored), coupon = \(coupon.stored),
        email = \(email.stored), note = \(note.stored)
        """
    }

    /// The values of `newer`, and these where `newer` has none.
    func updated(by newer: CartDetails) -> CartDetails {
        CartDetails(
            shippingAddress: newer.shippingAddress ?? shippingAddress,
            billingAddress: newer.billingAddress ?? billingAddress,
            shippingMethod: newer.shippingMethod ?? shippingMethod,
            coupon: newer.coupon ?? coupon, email: newer.email ?? email, note: newer.note ?? note)
    }
}

private func json(_ address: PostalAddress) -> String {
    JSONWriter.text(of: address)
}

extension Cart: Record {
    static let columns: SQL = """
        id, customer_id, shipping_address, billing_address, shipping_method_id, coupon, email,
        note, order_id, created_at, updated_at, expires_at
        """
    static let source: SQL = "carts"

    init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        customer = try row["customer_id"]
        details = CartDetails(
            shippingAddress: try address(row["shipping_address"]),
            billingAddress: try address(row["billing_address"]),
            shippingMethod: try row["shipping_method_id"], coupon: try row["coupon"],
            email: try row["email"], note: try row["note"])
        order = try row["order_id"]
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
        expiresAt = try row["expires_at"]
    }
}

/// Decodes an address; nil if a later version of Souk no longer accepts it.
private func address(_ text: String?) -> PostalAddress? {
    guard let text, case .object(let members)? = try? ClientJSON(parsing: Array(text.utf8)) else {
        return nil
    }
    return try? PostalAddress(checking: members)
}

/// The lifetimes of carts in seconds since their last change.
enum CartLifetime {
    static let day: Int64 = 24 * 60 * 60
    /// Without lines.
    static let empty = day
    /// A guest's.
    static let guest = 14 * day
    /// A customer's, and one that was checked out: so long a retry finds the order.
    static let customer = 30 * day

    /// The time at which a cart expires, in whole hours.
    ///
    /// Most changes then leave the index on the time unchanged.
    static func expiry(of cart: Cart, isEmpty: Bool, at now: Instant) -> Instant {
        expiry(after: isEmpty ? empty : cart.customer == nil ? guest : customer, at: now)
    }

    static func expiry(after seconds: Int64, at now: Instant) -> Instant {
        let hour: Int64 = 60 * 60 * 1000
        let end = now.adding(seconds: seconds).milliseconds
        return Instant(milliseconds: (end / hour + 1) * hour)
    }
}
