import Crypto
import Customers
import HTTP
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
        // The engine finds the order by its id and compares hashes, whose bytes nobody can choose.
        guard text.utf8.count <= bytesMax, let order = Int64(id), order > 0, String(order) == id,
            let row = try tx.first(
                """
                SELECT customer_id FROM orders
                WHERE id = \(order) AND order_token_hash = \(OrderToken(text: text).hash)
                \(.alone("orders"))
                """),
            let guest = try unclaimedGuest(try row["customer_id"], in: tx)
        else { throw orderNotFound }
        return guest
    }
}

extension Access {
    /// Customers, and guests with the token of the order in the path.
    public static let buyer = Access.customerOrGuest { token, order, tx in
        try OrderToken.guest(token, ofOrder: order, in: tx).caller
    }
}
