import HTTP
import Service
import Storage
import Values

/// The parameters of `GET /inventory/{id}/movements`.
struct MovementFilter: Input {
    let page: Page

    init(_ fields: inout Fields) {
        page = fields.page(id: "movement.id")
    }
}

@Sendable func listStockMovements(_ filter: MovementFilter, _ call: Call, in tx: any Transaction)
    throws
    -> Response
{
    let id = try call.id()
    guard try tx.first("SELECT id FROM products WHERE id = \(id)") != nil else {
        throw productNotFound
    }
    let movements = try filter.page.read {
        try tx.all(
            ShownMovement.self,
            "WHERE movement.product_id = \(id) AND \($0.condition) \($0.end)")
    }
    return filter.page.response(movements, to: call, id: \.id)
}

/// An entry of a product's stock ledger.
struct ShownMovement: Sendable {
    let id: Int64
    let movement: StockMovement
    let actor: String
    let createdAt: Instant
}

extension ShownMovement: Record {
    static let columns: SQL = """
        movement.id, movement.product_id, movement.delta, movement.stock_after, movement.kind,
        movement.reason, movement.order_id, actor.username, movement.created_at
        """
    static let source: SQL = """
        stock_movements AS movement JOIN customers AS actor ON actor.id = movement.actor_id
        """

    init(_ row: Row, _ context: Void) throws {
        self.init(
            id: try row["id"],
            movement: StockMovement(
                product: try row["product_id"], delta: try row["delta"],
                stockAfter: try row["stock_after"], kind: try row["kind"],
                reason: try row["reason"], order: try row["order_id"]),
            actor: try row["username"], createdAt: try row["created_at"])
    }
}

extension ShownMovement: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("product_id", movement.product)
            $0.field("delta", movement.delta)
            $0.field("stock_after", movement.stockAfter)
            $0.field("kind", movement.kind)
            $0.field("reason", movement.reason)
            $0.field("order_id", movement.order)
            $0.field("actor", actor)
            $0.field("created_at", createdAt)
        }
    }
}
