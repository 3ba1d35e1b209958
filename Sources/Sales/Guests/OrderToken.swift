import Crypto
import Customers
import HTTP
import Payments
import Service
import Storage

/// The secret with which a guest reads an order: 256 random bits, of which only a hash is stored.
struct OrderToken {
    /// The token in base64url, as its owner sees it once.
    let text: String

    /// The longest text that is compared, in bytes.
    private static let bytesMax = 100

    /// Creates a token.
    static func random() -> OrderToken { OrderToken(text: Base64URL.encode(randomBytes(32))) }

    /// The token of the order of a cart, which only the secret of the cart leads to.
    ///
    /// A repeated checkout shows the same token, although the database has only its hash.
    static func derived(from secret: String) -> OrderToken {
        let key = Blake2b.hash(Array(secret.utf8))
        return OrderToken(
            text: Base64URL.encode(Blake2b.hash(Array("order of a cart".utf8), key: key)))
    }

    /// The hash that is stored; the token is random enough that a slow hash would add nothing.
    var hash: String { Base64URL.encode(Blake2b.hash(Array(text.utf8))) }

    /// Returns the guest who bought an order, for the right token.
    ///
    /// - Throws: `Problem` 404 `order_not_found` for a wrong token, for an unknown order, and for
    ///   one that an account has claimed.
    static func guest(_ text: String, ofOrder id: String, in tx: any Transaction) throws -> Guest {
        guard let order = number(id), let guest = try guest(text, of: order, in: tx) else {
            throw orderNotFound
        }
        return guest
    }

    /// Returns the guest who bought the order of a payment, for the right token of the order.
    ///
    /// - Throws: `Problem` 404 `payment_not_found`, as for an order.
    static func guest(_ text: String, ofPayment id: String, in tx: any Transaction) throws -> Guest
    {
        guard let payment = number(id), let order = try order(ofPayment: payment, in: tx),
            let guest = try guest(text, of: order, in: tx)
        else { throw paymentNotFound }
        return guest
    }

    private static func guest(_ text: String, of order: Int64, in tx: any Transaction) throws
        -> Guest?
    {
        // The engine finds the order by its id and compares hashes, whose bytes nobody can choose.
        guard text.utf8.count <= bytesMax,
            let row = try tx.first(
                """
                SELECT customer_id FROM orders
                WHERE id = \(order) AND order_token_hash = \(OrderToken(text: text).hash)
                \(.alone("orders"))
                """)
        else { return nil }
        return try unclaimedGuest(try row["customer_id"], in: tx)
    }

    /// The number in a path; nil if it is not one.
    private static func number(_ text: String) -> Int64? {
        Int64(text).flatMap { $0 > 0 && String($0) == text ? $0 : nil }
    }
}

extension Access {
    /// Customers, and guests with the token of the order in the path.
    public static let buyer = Access.customerOrGuest { token, order, tx in
        try OrderToken.guest(token, ofOrder: order, in: tx).caller
    }

    /// Customers, and guests with the token of the order whose payment is in the path.
    public static let payer = Access.customerOrGuest { token, payment, tx in
        try OrderToken.guest(token, ofPayment: payment, in: tx).caller
    }
}
