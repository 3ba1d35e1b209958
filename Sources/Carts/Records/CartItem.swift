import Storage
import Values

/// The most lines of a cart, as of an order.
let cartItemsMax = 100

/// A product in a cart.
struct CartItem: Sendable {
    let product: Int64
    var quantity: Int64
    /// The price of one unit when the customer put the product into the cart.
    let unitPrice: Money
    let createdAt: Instant
}

extension CartItem: Record {
    static let columns: SQL = "product_id, quantity, unit_price, created_at"
    static let source: SQL = "cart_items"

    init(_ row: Row, _ context: Void) throws {
        self.init(
            product: try row["product_id"], quantity: try row["quantity"],
            unitPrice: try row["unit_price"], createdAt: try row["created_at"])
    }
}

/// Returns the lines of a cart that the caller has locked, oldest first.
func cartItems(of cart: Int64?, in tx: any Transaction) throws -> [CartItem] {
    guard let cart else { return [] }
    return try tx.all(CartItem.self, "WHERE cart_id = \(cart) ORDER BY product_id").byAge
}

/// Removes all lines of a cart that the caller has locked.
///
/// - Returns: the lines, oldest first.
func takeCartItems(of cart: Int64, in tx: any Transaction) throws -> [CartItem] {
    try tx.all(
        "DELETE FROM cart_items WHERE cart_id = \(cart) RETURNING \(CartItem.columns)"
    ) { try CartItem($0) }.byAge
}

/// Adds a line to a cart that the caller has locked, or replaces it.
///
/// A line that exists keeps its place.
func putCartItem(_ item: CartItem, into cart: Int64, in tx: any Transaction) throws {
    try tx.later(
        """
        INSERT INTO cart_items (cart_id, product_id, quantity, unit_price, created_at)
        VALUES (\(cart), \(item.product), \(item.quantity), \(item.unitPrice), \(item.createdAt))
        ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = excluded.quantity,
            unit_price = excluded.unit_price
        """)
}

extension [CartItem] {
    fileprivate var byAge: [CartItem] {
        sorted { ($0.createdAt.milliseconds, $0.product) < ($1.createdAt.milliseconds, $1.product) }
    }
}
