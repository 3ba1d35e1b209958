import HTTP
import Service
import Storage
import Values

/// The status of an order.
enum OrderStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    case paid
    case shipped
    case delivered
    case cancelled
    case refunded
}

/// An order.
struct Order: Sendable {
    let id: Int64
    let customer: Int64
    let username: String
    let status: OrderStatus
    let total: Money
    let refunded: Money
    let currency: String
    let createdAt: Instant
    var lines: [OrderLine]
    var events: [OrderEvent] = []
}

/// A product in an order, with its name and price at the time of the order.
struct OrderLine: Sendable {
    let product: Int64
    let name: String
    let unitPrice: Money
    let quantity: Int64
    var refundedQuantity: Int64 = 0

    /// The number of units that have not been refunded.
    var left: Int64 { quantity - refundedQuantity }
}

/// A change of an order's status, or a refund.
struct OrderEvent: Sendable {
    let status: OrderStatus
    let amount: Money
    let reason: String?
    let actor: String
    let createdAt: Instant
}

extension OrderLine: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product)
            $0.field("name", name)
            $0.field("unit_price", unitPrice)
            $0.field("quantity", quantity)
            $0.field("refunded_quantity", refundedQuantity)
        }
    }
}

extension Order: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("username", username)
            $0.field("status", status)
            $0.field("items", lines)
            $0.field("total", total)
            $0.field("refunded", refunded)
            $0.field("currency", currency)
            $0.field("timeline", [payment] + events)
            $0.field("created_at", createdAt)
        }
    }

    /// The first event, which has no row, because an order is paid when it is created.
    private var payment: OrderEvent {
        OrderEvent(status: .paid, amount: total, reason: nil, actor: username, createdAt: createdAt)
    }
}

extension OrderEvent: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("status", status)
            $0.field("amount", amount)
            $0.field("reason", reason)
            $0.field("actor", actor)
            $0.field("at", createdAt)
        }
    }
}
