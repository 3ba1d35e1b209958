import HTTP
import Service
import Storage
import Values

/// The state of a return.
enum ReturnStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    case requested
    case approved
    case declined
    /// The units came back and were refunded.
    case received

    /// Whether its units may still come back.
    var isOpen: Bool { self == .requested || self == .approved }
}

/// Why a customer sends units back.
enum ReturnKind: String, Sendable, CaseIterable, Storable, JSONWritable {
    case `return`
    /// From the contract, without a reason (Directive 2011/83/EU, article 9).
    case withdrawal
}

/// A customer's request to send units of an order back.
struct OrderReturn: Sendable {
    /// The number in the shop, for pages; clients see `number`.
    let row: Int64
    let order: Int64
    /// Counts from 1 in each order, without gaps.
    let number: Int64
    let kind: ReturnKind
    let status: ReturnStatus
    /// What the customer wrote.
    let reason: String?
    /// Why staff declined it.
    let declineReason: String?
    let createdAt: Instant
    /// When staff last approved or declined it.
    let decidedAt: Instant?
    let receivedAt: Instant?
    /// By product id.
    var items: [ReturnItem] = []
}

/// Units of a product in a return.
struct ReturnItem: Sendable {
    let product: Int64
    let quantity: Int64
    /// The units that came back and were refunded.
    let receivedQuantity: Int64
}

extension OrderReturn: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", number)
            $0.field("order_id", order)
            $0.field("kind", kind)
            $0.field("status", status)
            $0.field("items", items)
            $0.field("reason", reason)
            $0.field("decline_reason", declineReason)
            $0.field("created_at", createdAt)
            $0.field("decided_at", decidedAt)
            $0.field("received_at", receivedAt)
        }
    }
}

extension ReturnItem: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product)
            $0.field("quantity", quantity)
            $0.field("received_quantity", receivedQuantity)
        }
    }
}

extension OrderReturn: Record {
    static let columns: SQL = """
        id, order_id, number, kind, status, reason, decline_reason, created_at, decided_at,
        received_at
        """
    static let source: SQL = "order_returns"

    init(_ row: Row, _ context: Void) throws {
        self.init(
            row: try row["id"], order: try row["order_id"], number: try row["number"],
            kind: try row["kind"], status: try row["status"], reason: try row["reason"],
            declineReason: try row["decline_reason"], createdAt: try row["created_at"],
            decidedAt: try row["decided_at"], receivedAt: try row["received_at"])
    }
}

/// Returns the returns that `clause` selects, with their items by product id.
func orderReturns(_ clause: SQL, in tx: any Transaction) throws -> [OrderReturn] {
    var returns = try tx.all(OrderReturn.self, clause)
    guard !returns.isEmpty else { return [] }
    let items = Dictionary(
        grouping: try tx.all(
            """
            SELECT return_id, product_id, quantity, received_quantity FROM order_return_lines
            WHERE return_id IN \(returns.map(\.row).list)
            ORDER BY return_id, product_id \(.alone("order_return_lines"))
            """
        ) { row in
            (
                row: try row["return_id"] as Int64,
                item: ReturnItem(
                    product: try row["product_id"], quantity: try row["quantity"],
                    receivedQuantity: try row["received_quantity"])
            )
        }, by: { $0.row })
    for index in returns.indices {
        returns[index].items = items[returns[index].row, default: []].map { $0.item }
    }
    return returns
}

/// Returns the returns of orders by the id of the order, in the order of their numbers.
func returns(of orders: [Int64], in tx: any Transaction) throws -> [Int64: [OrderReturn]] {
    guard !orders.isEmpty else { return [:] }
    let found = try orderReturns(
        """
        WHERE order_id IN \(orders.list) ORDER BY order_id, number \(.alone("order_returns"))
        """, in: tx)
    return Dictionary(grouping: found, by: \.order)
}

extension Order {
    /// Returns the return in the path.
    ///
    /// - Throws: `Problem` 404 `return_not_found`.
    func orderReturn(of call: Call) throws -> OrderReturn {
        let number = try call.id("n")
        guard let found = returns.first(where: { $0.number == number }) else {
            throw Problem.notFound("return_not_found", "The order has no such return.")
        }
        return found
    }
}
