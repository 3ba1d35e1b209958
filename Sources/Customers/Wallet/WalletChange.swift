import HTTP
import Service
import Storage
import Values

/// The body of a credit or a debit: an amount of 1 to 10^11 minor units, and a note.
struct WalletChange: Input {
    let amount: Money
    let note: String?

    init(_ fields: inout Fields) {
        amount = fields.required("amount", .money(1...100_000_000_000))
        note = fields.optional("note", .line(1...500))
    }
}

/// Finds the customer that the path names, for a change of their wallet, and audits it.
///
/// A caller who may not see the wallet gets 404. One who may see it, but not change it, gets 403.
/// Staff never change their own wallet as staff. If `ownersToo`, which `SOUK_SELF_CHARGE` sets,
/// allows customers to credit their own wallet, staff can do so too.
func changeWallet(
    _ change: WalletChange, _ action: AuditAction, ownersToo: Bool, _ call: Call,
    in tx: any Transaction, _ enter: (Customer) throws -> WalletEntry
) throws -> Response {
    let customer = try customer(of: call, in: tx)
    if !(call.isAboutCaller && ownersToo) {
        guard call.caller.isAtLeast(.staff) else {
            throw Problem.forbidden("Requires the role staff.")
        }
        try call.refuseOwnAccount(customer.id)
    }
    let entry = try enter(customer)
    try audit(
        action, of: customer.id, after: "\(change.amount.minorUnits)", ownersToo: ownersToo,
        by: call, in: tx)
    return .created(entry, at: "/customers/\(customer.username)/wallet/entries")
}

extension WalletEntry {
    /// The newest entry of a customer.
    static func newest(of customer: Int64, _ call: Call, in tx: any Transaction) throws
        -> WalletEntry
    {
        let entry = try tx.first(
            WalletEntry.self,
            "WHERE entry.customer_id = \(customer) ORDER BY entry.id DESC LIMIT 1",
            call.shop.currency)
        guard let entry else { throw StoreError.column("wallet_entries.id", "has no row") }
        return entry
    }
}
