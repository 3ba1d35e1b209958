import Crypto
import HTTP
import Service

/// The secret that gives its holder a guest's cart: 256 random bits in base64url.
///
/// Only its hash is stored, and a cart is found by the hash, so the time of a search reveals
/// nothing about other tokens.
struct CartToken {
    /// The text that clients send in the header field `Souk-Cart`.
    let text: String

    /// Creates a token for a new cart.
    static func random() -> CartToken { CartToken(text: Base64URL.encode(randomBytes(32))) }

    private init(text: String) { self.text = text }

    /// Nil if no cart can have this token.
    init?(sent text: String) {
        guard text.utf8.count == 43 else { return nil }
        self.text = text
    }

    /// The hash that is stored.
    var hash: String { Base64URL.encode(Blake2b.hash(Array(text.utf8))) }
}

/// 404: no cart has the token of the request, or the request names no cart.
let cartNotFound = Problem.notFound(
    "cart_not_found", "There is no such cart. Create one, or log in.")
