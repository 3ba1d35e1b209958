import HTTP
import Service
import Storage
import Values

/// How far an order has come.
enum SaleStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    case paid
    case shipped
    case delivered
    case cancelled
    case refunded
}

/// An order as it was bought.
struct Sale: Sendable {
    let id: Int64
    let customer: Int64
    let username: String
    let status: SaleStatus
    let total: Money
    let refunded: Money
    let currency: String
    let createdAt: Instant
    var lines: [SaleLine]
    var events: [SaleEvent] = []
}

/// A product in an order, under the name and at the price of that moment.
struct SaleLine: Sendable {
    let product: Int64
    let name: String
    let unitPrice: Money
    let quantity: Int64
    var refundedQuantity: Int64 = 0

    /// Units that are not refunded.
    var left: Int64 { quantity - refundedQuantity }
}

/// Something that happened to an order.
struct SaleEvent: Sendable {
    let status: SaleStatus
    let amount: Money
    let reason: String?
    let actor: String
    let createdAt: Instant
}

extension SaleLine: JSONWritable {
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

extension Sale: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("username", username)
            $0.field("status", status)
            $0.field("items", lines)
            $0.field("total", total)
            $0.field("refunded", refunded)
            $0.field("currency", currency)
            $0.field("timeline", [beginning] + events)
            $0.field("created_at", createdAt)
        }
    }

    /// It is paid as it is made, so that event needs no row.
    private var beginning: SaleEvent {
        SaleEvent(status: .paid, amount: total, reason: nil, actor: username, createdAt: createdAt)
    }
}

extension SaleEvent: JSONWritable {
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
