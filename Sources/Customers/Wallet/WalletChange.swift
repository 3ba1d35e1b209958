import HTTP
import Service
public import Storage
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

/// Finds the customer in the path for a change of the wallet, and writes the audit log.
///
/// A caller who may not see the wallet gets 404. One who may see it, but not change it, gets 403.
/// Staff never use their staff rights on their own wallet.
func changeWallet(
    _ change: WalletChange, _ action: AuditAction, _ call: Call, in tx: any Transaction,
    _ enter: (Customer) throws -> WalletEntry
) throws -> Response {
    let customer = try customer(of: call, in: tx, orGuest: true, .held("customers"))
    guard call.caller.isAtLeast(.staff) else {
        throw Problem.forbidden("Requires the role staff.")
    }
    try call.refuseOwnAccount(customer.claimedBy ?? customer.id)
    let entry = try enter(customer)
    try audit(action, of: customer.id, after: "\(change.amount.minorUnits)", by: call, in: tx)
    try publish(
        entry, ofWallet: customer.id, named: customer.username, by: call.caller.id, at: call.now,
        in: tx)
    return .created(entry, at: "/customers/\(customer.username)/wallet/entries")
}

/// Returns the newest entry of a customer's ledger.
///
/// After a change of the wallet in the same transaction it is the entry of that change.
public func newestWalletEntry(of customer: Int64, in tx: any Transaction, currency: String) throws
    -> WalletEntry
{
    let entry = try tx.first(
        WalletEntry.self,
        "WHERE entry.customer_id = \(customer) ORDER BY entry.id DESC LIMIT 1", currency)
    guard let entry else { throw StoreError.column("wallet_entries.id", "has no row") }
    return entry
}
