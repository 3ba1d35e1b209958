public import HTTP
import Service
public import Storage
import Values

/// The parameters of `GET /customers/{username}/wallet/entries`.
struct WalletEntryFilter: Input {
    let page: Page

    init(_ fields: inout Fields) {
        page = fields.page(id: "entry.id")
    }
}

@Sendable func listWalletEntries(_ filter: WalletEntryFilter, _ call: Call, in tx: any Transaction)
    throws -> Response
{
    let customer = try customer(of: call, in: tx, orGuest: true)
    let entries = try filter.page.read {
        try tx.all(
            WalletEntry.self,
            "WHERE entry.customer_id = \(customer.id) AND \($0.condition) \($0.end)",
            call.shop.currency)
    }
    return filter.page.response(entries, to: call, id: \.id)
}

/// One row of a wallet's ledger.
public struct WalletEntry: Sendable {
    /// The number of the row.
    public let id: Int64
    let amount: Money
    let balanceAfter: Money
    let currency: String
    let kind: WalletEntryKind
    let order: Int64?
    let payment: Int64?
    let actor: String
    let note: String?
    let createdAt: Instant
}

extension WalletEntry: Record {
    /// The columns, with the username of the actor.
    public static let columns: SQL = """
        entry.id, entry.amount, entry.balance_after, entry.kind, entry.order_id,
        entry.payment_id, actor.username, entry.note, entry.created_at
        """
    /// The ledger with its actors.
    public static let source: SQL = """
        wallet_entries AS entry JOIN customers AS actor ON actor.id = entry.actor_id
        """

    /// Decodes a row, in the currency of the shop.
    public init(_ row: Row, _ currency: String) throws {
        self.init(
            id: try row["id"], amount: try row["amount"], balanceAfter: try row["balance_after"],
            currency: currency, kind: try row["kind"], order: try row["order_id"],
            payment: try row["payment_id"], actor: try row["username"], note: try row["note"],
            createdAt: try row["created_at"])
    }
}

extension WalletEntry: JSONWritable {
    /// Writes an object.
    public func write(to json: inout JSONWriter) {
        json.object { writeMembers(to: &$0, withActor: true) }
    }

    func writeMembers(to json: inout JSONWriter, withActor: Bool) {
        json.field("id", id)
        json.field("amount", amount)
        json.field("balance_after", balanceAfter)
        json.field("currency", currency)
        json.field("kind", kind)
        json.field("order_id", order)
        json.field("payment_id", payment)
        if withActor { json.field("actor", actor) }
        json.field("note", note)
        json.field("created_at", createdAt)
    }
}
