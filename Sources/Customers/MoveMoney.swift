import HTTP
import Service
import Storage

/// The body of a charge or a deduction: up to 10¹¹ minor units.
struct WalletMove: Input {
    let amount: Money
    let note: String?

    init(_ fields: inout Fields) {
        amount = fields.required("amount", .money(1...100_000_000_000))
        note = fields.optional("note", .line(1...500))
    }
}

@Sendable func chargeWallet(
    _ move: WalletMove, _ call: Call, in tx: any Transaction
) throws -> Response {
    let isAllowed = call.caller.isAtLeast(.staff) || call.shop.selfCharge
    return try enter(move, .chargedWallet, if: isAllowed, call, in: tx) { customer in
        try creditWallet(
            move.amount, of: customer.id,
            for: .init(.charged, by: call.caller.id, note: move.note, at: call.now), in: tx)
    }
}

@Sendable func deductWallet(
    _ move: WalletMove, _ call: Call, in tx: any Transaction
) throws -> Response {
    try enter(move, .deductedWallet, if: call.caller.isAtLeast(.staff), call, in: tx) { customer in
        try debitWallet(
            move.amount, of: customer.id,
            for: .init(.deducted, by: call.caller.id, note: move.note, at: call.now), in: tx)
    }
}

/// The part that both share.
///
/// A caller who may not see the wallet gets 404; one who may see it and not move money gets 403.
private func enter(
    _ move: WalletMove, _ action: AuditAction, if isAllowed: Bool, _ call: Call,
    in tx: any Transaction, _ entry: (Customer) throws -> Void
) throws -> Response {
    let customer = try customer(of: call, in: tx)
    guard isAllowed else { throw Problem.forbidden("Requires the role staff.") }
    try entry(customer)
    try audit(action, of: customer.id, after: "\(move.amount.minorUnits)", by: call, in: tx)
    let made = try WalletEntry.all(
        "WHERE entry.customer_id = \(customer.id) ORDER BY entry.id DESC LIMIT 1",
        in: call.shop.currency, tx)
    return .created(made.first, at: "/customers/\(customer.username)/wallet/entries")
}
