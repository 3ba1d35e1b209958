import HTTP
import Service
import Storage
import Values

/// The body of a credit or a debit: up to 10¹¹ minor units.
struct WalletMove: Input {
    let amount: Money
    let note: String?

    init(_ fields: inout Fields) {
        amount = fields.required("amount", .money(1...100_000_000_000))
        note = fields.optional("note", .line(1...500))
    }
}

@Sendable func creditWallet(
    _ move: WalletMove, _ call: Call, in tx: any Transaction
) throws -> Response {
    try enter(move, .creditedWallet, ownersToo: call.shop.selfCharge, call, in: tx) { customer in
        try creditWallet(
            move.amount, of: customer.id,
            for: .init(.credited, by: call.caller.id, note: move.note, at: call.now), in: tx)
    }
}

@Sendable func debitWallet(
    _ move: WalletMove, _ call: Call, in tx: any Transaction
) throws -> Response {
    try enter(move, .debitedWallet, ownersToo: false, call, in: tx) { customer in
        try debitWallet(
            move.amount, of: customer.id,
            for: .init(.debited, by: call.caller.id, note: move.note, at: call.now), in: tx)
    }
}

/// The part that both share.
///
/// A caller who may not see the wallet gets 404; one who may see it and not move money gets 403.
/// Staff never move money of their own wallet as staff. If `SOUK_SELF_CHARGE` allows customers to
/// credit their own wallet, staff can do so too, as the customers that they also are.
private func enter(
    _ move: WalletMove, _ action: AuditAction, ownersToo: Bool, _ call: Call,
    in tx: any Transaction, _ entry: (Customer) throws -> Void
) throws -> Response {
    let customer = try customer(of: call, in: tx)
    if !(call.isAboutCaller && ownersToo) {
        guard call.caller.isAtLeast(.staff) else {
            throw Problem.forbidden("Requires the role staff.")
        }
        try call.refuseOwnAccount(customer.id)
    }
    try entry(customer)
    try audit(
        action, of: customer.id, after: "\(move.amount.minorUnits)", ownersToo: ownersToo, by: call,
        in: tx)
    let made = try WalletEntry.all(
        "WHERE entry.customer_id = \(customer.id) ORDER BY entry.id DESC LIMIT 1",
        in: call.shop.currency, tx)
    return .created(made.first, at: "/customers/\(customer.username)/wallet/entries")
}
