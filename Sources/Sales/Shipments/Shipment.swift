import HTTP
import Service
import Storage
import Values

/// Units of an order that are sent together.
struct Shipment: Sendable {
    /// Counts from 1 in each order, without gaps.
    let number: Int64
    let tracking: Tracking
    let createdAt: Instant
    /// By product id.
    var items: [ProductUnits] = []
}

/// Units of a product in an order.
struct ProductUnits: Sendable, Equatable {
    let product: Int64
    let quantity: Int64
}

/// Who carries a shipment, and how its way can be followed.
struct Tracking: Editable {
    var carrier: String?
    var trackingNumber: String?
    var trackingURL: String?

    static let fields: [EditableField<Tracking>] = [
        .optional("carrier", \.carrier, .line(1...120)),
        .optional("tracking_number", \.trackingNumber, .line(1...120)),
        .optional("tracking_url", \.trackingURL, .webURL),
    ]
}

extension Shipment: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("n", number)
            $0.field("items", items)
            $0.field("carrier", tracking.carrier)
            $0.field("tracking_number", tracking.trackingNumber)
            $0.field("tracking_url", tracking.trackingURL)
            $0.field("created_at", createdAt)
        }
    }
}

extension ProductUnits: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product)
            $0.field("quantity", quantity)
        }
    }
}

/// Returns the shipments of orders by the id of the order, in the order of their numbers.
func shipments(of orders: [Int64], in tx: any Transaction) throws -> [Int64: [Shipment]] {
    guard !orders.isEmpty else { return [:] }
    var found: [Int64: [Shipment]] = [:]
    let rows = try tx.all(
        """
        SELECT shipments.order_id, shipments.number, carrier, tracking_number, tracking_url,
            created_at, line.product_id, line.quantity
        FROM shipments \(.orderedJoin) shipment_lines AS line
        WHERE shipments.order_id IN \(orders.list) AND line.order_id = shipments.order_id
            AND line.number = shipments.number \(.alone("shipments"))
        """
    ) { row in
        (
            order: try row["order_id"] as Int64,
            shipment: Shipment(
                number: try row["number"],
                tracking: Tracking(
                    carrier: try row["carrier"], trackingNumber: try row["tracking_number"],
                    trackingURL: try row["tracking_url"]), createdAt: try row["created_at"]),
            units: ProductUnits(product: try row["product_id"], quantity: try row["quantity"])
        )
    }
    // Sorted here, because SQLite would build a table to sort a join.
    for (order, shipment, units) in rows.sorted(by: {
        ($0.order, $0.shipment.number, $0.units.product)
            < ($1.order, $1.shipment.number, $1.units.product)
    }) {
        var shipments = found[order, default: []]
        if shipments.last?.number != shipment.number { shipments.append(shipment) }
        shipments[shipments.count - 1].items.append(units)
        found[order] = shipments
    }
    return found
}
