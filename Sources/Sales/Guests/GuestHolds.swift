import Customers
import HTTP
import Inventory
import Service
import Storage

/// The units of a product that unpaid orders of guests may hold in any case.
private let unitsFree: Int64 = 20
/// The largest share of a product's units that they may hold beyond that: a quarter.
private let stockShare: Int64 = 4

/// The units that unpaid orders of guests hold, for an address and for a network.
///
/// An order without an account costs nothing, and holds units for days. So a stranger with few
/// orders could otherwise hold the whole stock of a shop.
struct GuestHolds {
    private let guest: String
    private let network: String

    init(of email: String, in network: String) {
        guest = guestKey(email)
        self.network = network
    }

    /// Rejects a new order if the address or the network then holds too many units of a product.
    ///
    /// The order has taken its units, whose rows it has locked.
    /// - Throws: `Problem` 422 `quota_exceeded`, with the lines at fault.
    func requireFew(of order: Order, _ call: Call, in tx: any Transaction) throws {
        let ids = order.lines.map(\.product)
        let held = try [
            units(of: ids, "orders.guest_key = \(guest) AND orders.guest_key IS NOT NULL", in: tx),
            units(
                of: ids, "orders.guest_network = \(network) AND orders.guest_network IS NOT NULL",
                in: tx),
        ]
        let stock = Dictionary(
            uniqueKeysWithValues: try products(ids, in: tx, call.productContext).map {
                ($0.id, $0.stock)
            })
        let many = order.lines.indices.filter { index in
            let product = order.lines[index].product
            let units = held.compactMap { $0[product] }.max() ?? 0
            return units > max(unitsFree, (units + stock[product, default: 0]) / stockShare)
        }
        guard !many.isEmpty else { return }
        throw Problem(
            .unprocessableContent, "quota_exceeded",
            "The unpaid orders of an address or a network may hold \(unitsFree) units of a product, "
                + "or a quarter of its stock. Order fewer, or log in.",
            faults: many.map {
                .init(field: "items[\($0)].quantity", message: "exceeds the limit for guests")
            })
    }

    /// The units by product that unpaid orders hold.
    private func units(of products: [Int64], _ owner: SQL, in tx: any Transaction) throws -> [Int64:
        Int64]
    {
        let rows = try tx.all(
            """
            SELECT order_lines.product_id, order_lines.quantity
            FROM orders JOIN order_lines ON order_lines.order_id = orders.id
            WHERE \(owner) AND orders.status = 'pending'
                AND order_lines.product_id IN \(products.list)
            """
        ) { (try $0["product_id"] as Int64, try $0["quantity"] as Int64) }
        return Dictionary(rows, uniquingKeysWith: +)
    }
}
