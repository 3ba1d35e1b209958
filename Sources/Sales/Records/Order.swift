import Customers
import HTTP
import Payments
import Service
import Storage
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
    /// The name of the buyer's row, also for a guest.
    let username: String
    /// The address of a guest; nil for an account.
    var email: String?
    /// The account that has claimed the guest who bought.
    var claimedBy: Int64?
    /// The token of a guest, in the answer that creates the order.
    var token: OrderToken?
    /// The member of staff who ordered for the customer; nil if it was the customer.
    var placedBy: String?
    let status: OrderStatus
    var paymentStatus = PaymentStatus.paid
    var fulfillmentStatus = FulfillmentStatus.unfulfilled
    var paymentMethod = PaymentMethod.wallet
    /// The time until which an unpaid order holds its units; nil for no limit.
    var holdUntil: Instant?
    /// What gift cards paid into the wallet when the order was created.
    var giftCardAmount = Money.zero
    /// What the buyer's wallet holds; a new order has read nothing of it.
    var balance = Money.max
    let amounts: OrderAmounts
    var refunded = Money.zero
    /// The part of `refunded` that is shipping.
    var refundedShipping = Money.zero
    let currency: String
    /// The code of the coupon that the order uses.
    var coupon: String?
    var delivery = OrderDelivery()
    /// When the order was paid; nil if it is unpaid.
    let paidAt: Instant?
    let createdAt: Instant
    /// When the order was marked as delivered.
    var deliveredAt: Instant?
    var lines: [OrderLine]
    var shipments: [Shipment] = []
    var returns: [OrderReturn] = []
    var events: [OrderEvent] = []
    var payments: [Payment] = []
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
    /// Whether the buyer has no account.
    var isOfGuest: Bool { isGuest(username) }

    /// Whether the order belongs to a caller, or to a guest that the caller has claimed.
    func isBought(by caller: Caller) -> Bool {
        caller.id == customer || caller.id == claimedBy
    }

    /// The path of the order.
    var path: String { "/sales/\(id)" }

    /// The number that buyers and staff call the order by.
    var number: String { "\(id)" }

    /// The amount of shipping that has not been refunded, with its tax.
    var shippingLeft: Money { amounts.shippingAmount &- refundedShipping }

    /// What must still come before the order is paid.
    ///
    /// Only payments of the amount that was asked for count, and money that staff have booked. The
    /// wallet reserves nothing, so money that the buyer has spent elsewhere is due again.
    var due: Money {
        guard paymentStatus == .unpaid, status != .cancelled else { return .zero }
        let kept = payments.filter { $0.status == .captured }.reduce(giftCardAmount) {
            $0 &+ $1.captured &- $1.refunded
        }
        return max(amounts.total &- min(kept, balance), .zero)
    }

    /// Whether an unpaid order no longer holds its units.
    func isExpired(at now: Instant) -> Bool {
        status == .pending && holdUntil.map { $0 <= now } ?? false
    }

    /// Whether the order may leave the shop before it is paid.
    var mayShipUnpaid: Bool { paymentMethod == .cashOnDelivery }
}

extension Order: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("number", number)
            $0.field("username", isOfGuest ? nil : username)
            $0.field("email", email)
            if let token { $0.field("order_token", token.text) }
            $0.field("status", status)
            $0.field("payment_status", paymentStatus)
            $0.field("fulfillment_status", fulfillmentStatus)
            $0.field("payment_method", paymentMethod)
            $0.field("hold_until", holdUntil)
            $0.field("items", lines)
            amounts.write(membersTo: &$0)
            $0.field("gift_card_amount", giftCardAmount)
            $0.field("due", due)
            $0.field("refunded", refunded)
            $0.field("currency", currency)
            $0.field("currency_exponent", Int64(minorDigits(of: currency)))
            $0.field("coupon", coupon)
            delivery.write(membersTo: &$0)
            $0.field("shipments", shipments)
            $0.field("payments", payments.map(PaymentSummary.init))
            $0.field("returns", returns)
            $0.field("timeline", [creation] + events)
            $0.field("created_at", createdAt)
            $0.field("delivered_at", deliveredAt)
        }
    }

    /// The first event, which has no row.
    private var creation: OrderEvent {
        let isPaid = paidAt == createdAt
        return OrderEvent(
            status: isPaid ? .paid : .pending, amount: isPaid ? amounts.total : .zero, reason: nil,
            actor: placedBy ?? (isOfGuest ? nil : username), createdAt: createdAt)
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
    guard let order, order.isBought(by: caller) || caller.isAtLeast(.staff) else {
        throw orderNotFound
    }
    return order
}

let orderNotFound = Problem.notFound("order_not_found", "There is no such order.")

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
    let shipped = orders.filter { $0.fulfillmentStatus != .unfulfilled }.map(\.id)
    let shipments = try shipments(of: shipped, in: tx)
    let returns = try returns(of: shipped, in: tx)
    let waiting = orders.filter(\.paymentMethod.hasPayments).map(\.id)
    let paid = waiting.isEmpty ? [:] : try payments(ofOrders: waiting, in: tx)
    for index in orders.indices {
        orders[index].payments = paid[orders[index].id, default: []]
        orders[index].lines = lines[orders[index].id, default: []].map(\.value)
        orders[index].events = events[orders[index].id, default: []].map(\.value)
        orders[index].shipments = shipments[orders[index].id, default: []]
        orders[index].returns = returns[orders[index].id, default: []]
    }
    return orders
}

extension Order: Record {
    static let columns: SQL = """
        orders.id, orders.customer_id, orders.status, orders.payment_status,
        orders.fulfillment_status, orders.payment_method, orders.hold_until,
        orders.gift_card_amount, customers.balance, \(OrderAmounts.columns), orders.refunded,
        orders.refunded_shipping, orders.currency, orders.coupon,
        orders.shipping_method_id, orders.shipping_method, orders.shipping_price,
        orders.shipping_address, orders.billing_address, orders.note, orders.paid_at,
        orders.created_at, orders.delivered_at, customers.username,
        orders.email, orders.claimed_by, placer.username AS placed_by
        """
    static let source: SQL = """
        orders JOIN customers ON customers.id = orders.customer_id
        LEFT JOIN customers AS placer ON placer.id = orders.placed_by
        """

    init(_ row: Row, _ context: Void) throws {
        self.init(
            id: try row["id"], customer: try row["customer_id"], username: try row["username"],
            email: try row["email"], claimedBy: try row["claimed_by"],
            placedBy: try row["placed_by"], status: try row["status"],
            paymentStatus: try row["payment_status"],
            fulfillmentStatus: try row["fulfillment_status"],
            paymentMethod: try row["payment_method"], holdUntil: try row["hold_until"],
            giftCardAmount: try row["gift_card_amount"], balance: try row["balance"],
            amounts: try OrderAmounts(row),
            refunded: try row["refunded"], refundedShipping: try row["refunded_shipping"],
            currency: try row["currency"], coupon: try row["coupon"],
            delivery: try OrderDelivery(row), paidAt: try row["paid_at"],
            createdAt: try row["created_at"], deliveredAt: try row["delivered_at"], lines: [])
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
