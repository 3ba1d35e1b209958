import HTTP
import Inventory
import Service
import Storage
import Values

/// A product somebody means to buy, with what it costs now and how many there are.
struct Wish: Sendable {
    let product: Product
    let currency: String
    let createdAt: Instant
}

extension Wish: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product.id)
            $0.field("name", product.details.name)
            $0.field("price", product.details.price)
            $0.field("currency", currency)
            product.writeStock(to: &$0)
            $0.field("available", product.isOnSale)
            $0.field("created_at", createdAt)
        }
    }
}

/// A wish without its product, as an export shows it.
struct BareWish: JSONWritable {
    let product: Int64
    let createdAt: Instant

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product)
            $0.field("created_at", createdAt)
        }
    }
}

/// The parameters of `GET /wishlist`.
struct WishFilter: Input {
    let page: Page

    init(_ fields: inout Fields) {
        page = fields.page(id: "product_id")
    }
}

@Sendable func listWishes(_ filter: WishFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let found = try wishes(
        of: call.caller.id, filter.page, in: tx, currency: call.shop.currency,
        showing: call.stockVisibility)
    return filter.page.response(found, to: call, id: \.product.id)
}

@Sendable func addWish(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id("product_id")
    let product = try product(
        id, in: tx, currency: call.shop.currency, showing: call.stockVisibility)
    let current = try wish(for: product, of: call, in: tx)
    try call.requireMatch(current)
    if current == nil { try refuseBeyondQuota(of: call.caller.id, in: tx) }
    let since = try addWish(id, of: call.caller.id, at: call.now, in: tx)
    return .ok(Wish(product: product, currency: call.shop.currency, createdAt: since))
}

@Sendable func removeWish(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id("product_id")
    let product = try products(
        [id], in: tx, currency: call.shop.currency, showing: call.stockVisibility
    ).first
    guard let wish = try product.flatMap({ try wish(for: $0, of: call, in: tx) }) else {
        throw Problem.notFound("wishlist_item_not_found", "The wishlist has no such product.")
    }
    try call.requireMatch(wish)
    try tx.run(
        "DELETE FROM wishes WHERE customer_id = \(call.caller.id) AND product_id = \(id)")
    return .noContent
}

/// Products on one wishlist.
private let wishesMax: Int64 = 500

/// - Throws: `Problem` 422 `quota_exceeded` if the wishlist is full.
private func refuseBeyondQuota(of customer: Int64, in tx: any Transaction) throws {
    let last = try tx.first(
        """
        SELECT product_id FROM wishes WHERE customer_id = \(customer)
        ORDER BY product_id LIMIT 1 OFFSET \(wishesMax - 1)
        """)
    guard last != nil else { return }
    throw Problem.quotaExceeded("A wishlist holds at most 500 products. Remove one first.")
}

/// The caller's wish for a product, or nil.
private func wish(for product: Product, of call: Call, in tx: any Transaction) throws -> Wish? {
    let row = try tx.first(
        """
        SELECT created_at FROM wishes
        WHERE customer_id = \(call.caller.id) AND product_id = \(product.id)
        """)
    return try row.map {
        Wish(product: product, currency: call.shop.currency, createdAt: try $0["created_at"])
    }
}

/// A page of somebody's wishlist, newest product first.
///
/// What has left the shop is shown as no longer on sale.
func wishes(
    of customer: Int64, _ page: Page, in tx: any Transaction, currency: String,
    showing visibility: StockVisibility
) throws -> [Wish] {
    let wished: [(product: Int64, since: Instant)] = try page.read { stretch in
        try tx.all(
            """
            SELECT product_id, created_at FROM wishes
            WHERE customer_id = \(customer) AND \(stretch.condition) \(stretch.end)
            """
        ) { (try $0["product_id"], try $0["created_at"]) }
    }
    let found = try products(
        wished.map(\.product), in: tx, currency: currency, showing: visibility)
    let products = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
    return wished.compactMap { wish in
        products[wish.product].map { Wish(product: $0, currency: currency, createdAt: wish.since) }
    }
}

/// Puts a product on a wishlist; a second time changes nothing.
/// - Returns: since when it has been there.
func addWish(_ product: Int64, of customer: Int64, at now: Instant, in tx: any Transaction) throws
    -> Instant
{
    let row = try tx.first(
        """
        INSERT INTO wishes (customer_id, product_id, created_at)
        VALUES (\(customer), \(product), \(now))
        ON CONFLICT (customer_id, product_id) DO UPDATE SET created_at = wishes.created_at
        RETURNING created_at
        """)
    return try row?["created_at"] ?? now
}
