import HTTP
import Service
import Storage

/// Creates a guest's cart and shows its token; a dry run shows a token that no cart has.
///
/// A retry with the same idempotency key gets the same cart, from any network.
@Sendable func createCart(_ call: Call) throws -> Response {
    try call.writeSealed(for: "a new cart") { tx in
        let token = CartToken.random()
        let row = try tx.first(
            """
            INSERT INTO carts (token_hash, created_at, updated_at, expires_at)
            VALUES (\(token.hash), \(call.now), \(call.now),
                \(CartLifetime.expiry(after: CartLifetime.empty, at: call.now)))
            RETURNING \(Cart.columns)
            """)
        guard let row else { throw StoreError.schema("INSERT into carts returned no row.") }
        let view = try CartView(of: try Cart(row), for: call, in: tx)
        return .created(NewCart(token: token, view: view), at: "/sales/carts/mine")
    }
}

/// A new cart with its token.
private struct NewCart: JSONWritable {
    let token: CartToken
    let view: CartView

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("token", token.text)
            $0.field("cart", view)
        }
    }
}
