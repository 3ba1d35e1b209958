import HTTP
import Service
public import Storage
import Values

/// The status of an order.
enum OrderStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    /// Not paid yet; its units are held.
    case pending
    case paid
    case shipped
    case delivered
    case cancelled
    case refunded
}

/// How much of an order's total has been paid and kept.
enum PaymentStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    case unpaid
    case paid
    case partiallyRefunded = "partially_refunded"
    case refunded
}

/// How much of an order has been shipped.
enum FulfillmentStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    case unfulfilled
    case partial
    case fulfilled
}

/// An order.
struct Order: Sendable {
    let id: Int64
    let customer: Int64
    let username: String
    /// The member of staff who ordered for the customer; nil if it was the customer.
    var placedBy: String?
    let status: OrderStatus
    var paymentStatus = PaymentStatus.paid
    var fulfillmentStatus = FulfillmentStatus.unfulfilled
    let amounts: OrderAmounts
    var refunded = Money.zero
    /// The part of `refunded` that is shipping.
    var refundedShipping = Money.zero
    let currency: String
    var delivery = OrderDelivery()
    /// When the order was paid; nil if it is unpaid.
    let paidAt: Instant?
    let createdAt: Instant
    var lines: [OrderLine]
    var events: [OrderEvent] = []
}

/// Where and how an order is sent, copied from what the buyer chose.
struct OrderDelivery: Sendable {
    var method: OrderShippingMethod?
    /// A `PostalAddress` as JSON.
    var shippingAddress: String?
    var billingAddress: String?
    var note: String?
}

/// A shipping method as it was at the time of the order.
struct OrderShippingMethod: Sendable, JSONWritable {
    let id: Int64
    let name: String
    let price: Money

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("price", price)
        }
    }
}

extension Order {
    /// The path of the order.
    var path: String { "/sales/\(id)" }

    /// The number that buyers and staff call the order by.
    var number: String { "\(id)" }

    /// The amount of shipping that has not been refunded, with its tax.
    var shippingLeft: Money { amounts.shippingAmount &- refundedShipping }
}

extension Order: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("number", number)
            $0.field("username", username)
            $0.field("status", status)
            $0.field("payment_status", paymentStatus)
            $0.field("fulfillment_status", fulfillmentStatus)
            $0.field("items", lines)
            amounts.write(membersTo: &$0)
            $0.field("refunded", refunded)
            $0.field("currency", currency)
            $0.field("currency_exponent", Int64(minorDigits(of: currency)))
            delivery.write(membersTo: &$0)
            $0.field("timeline", [creation] + events)
            $0.field("created_at", createdAt)
        }
    }

    /// The first event, which has no row.
    private var creation: OrderEvent {
        let isPaid = paidAt == createdAt
        return OrderEvent(
            status: isPaid ? .paid : .pending, amount: isPaid ? amounts.total : .zero, reason: nil,
            actor: placedBy ?? username, createdAt: createdAt)
    }
}

extension OrderDelivery {
    fileprivate func write(membersTo json: inout JSONWriter) {
        json.field("shipping_method", method)
        json.field("shipping_address", shippingAddress.map(JSONText.init))
        json.field("billing_address", billingAddress.map(JSONText.init))
        json.field("note", note)
    }
}

/// Returns an order, for its buyer and for staff.
///
/// - Throws: `Problem` 404 `order_not_found`, also for another customer's order.
func order(_ id: Int64, visibleTo caller: Caller, in tx: any Transaction) throws -> Order {
    // The buyer too: an erasure deletes the reasons that staff write.
    let order = try orders(
        "WHERE orders.id = \(id) \(.alone("orders")) \(.held("customers"))", in: tx
    ).first
    guard let order, order.username == caller.username || caller.isAtLeast(.staff) else {
        throw Problem.notFound("order_not_found", "There is no such order.")
    }
    return order
}

/// Returns the orders that `clause` selects, with their lines by product id and their events by
/// age.
func orders(_ clause: SQL, in tx: any Transaction) throws -> [Order] {
    var orders = try tx.all(Order.self, clause)
    let ids = orders.map(\.id).list
    let lines = Dictionary(
        grouping: try tx.all(
            OfOrder<OrderLine>.self,
            """
            WHERE order_id IN \(ids) ORDER BY order_id, product_id \(.alone("order_lines"))
            """),
        by: \.order)
    let events = Dictionary(
        grouping: try tx.all(
            OfOrder<OrderEvent>.self,
            "WHERE event.order_id IN \(ids) ORDER BY event.order_id, event.id"),
        by: \.order)
    for index in orders.indices {
        orders[index].lines = lines[orders[index].id, default: []].map(\.value)
        orders[index].events = events[orders[index].id, default: []].map(\.value)
    }
    return orders
}

extension Order: Record {
    static let columns: SQL = """
        orders.id, orders.customer_id, orders.status, orders.payment_status,
        orders.fulfillment_status, \(OrderAmounts.columns), orders.refunded,
        orders.refunded_shipping, orders.currency, orders.shipping_method_id,
        orders.shipping_method, orders.shipping_price, orders.shipping_address,
        orders.billing_address, orders.note, orders.paid_at, orders.created_at, customers.username,
        placer.username AS placed_by
        """
    static let source: SQL = """
        orders JOIN customers ON customers.id = orders.customer_id
        LEFT JOIN customers AS placer ON placer.id = orders.placed_by
        """

    init(_ row: Row, _ context: Void) throws {
        self.init(
            id: try row["id"], customer: try row["customer_id"], username: try row["username"],
            placedBy: try row["placed_by"], status: try row["status"],
            paymentStatus: try row["payment_status"],
            fulfillmentStatus: try row["fulfillment_status"], amounts: try OrderAmounts(row),
            refunded: try row["refunded"], refundedShipping: try row["refunded_shipping"],
            currency: try row["currency"], delivery: try OrderDelivery(row),
            paidAt: try row["paid_at"], createdAt: try row["created_at"], lines: [])
    }
}

extension OrderDelivery {
    fileprivate init(_ row: Row) throws {
        if let id: Int64 = try row["shipping_method_id"] {
            method = OrderShippingMethod(
                id: id, name: try row["shipping_method"], price: try row["shipping_price"])
        }
        shippingAddress = try row["shipping_address"]
        billingAddress = try row["billing_address"]
        note = try row["note"]
    }
}

/// A line or an event with the id of its order.
private struct OfOrder<Value: Record>: Record where Value.Context == Void {
    let order: Int64
    let value: Value

    static var columns: SQL { Value.columns }
    static var source: SQL { Value.source }

    init(_ row: Row, _ context: Void) throws {
        order = try row["order_id"]
        value = try Value(row)
    }
}

/// Whether a customer has bought this product and has kept at least one unit of it.
///
/// In a write this remains so until the transaction ends: a refund waits for it.
public func hasBought(_ product: Int64, by customer: Int64, in tx: any Transaction) throws -> Bool {
    let row = try tx.first(
        """
        SELECT orders.id FROM orders JOIN order_lines ON order_lines.order_id = orders.id
        WHERE orders.customer_id = \(customer) AND order_lines.product_id = \(product)
            AND order_lines.refunded_quantity < order_lines.quantity
            AND orders.paid_at IS NOT NULL
        LIMIT 1 \(.held("orders, order_lines"))
        """)
    return row != nil
}
