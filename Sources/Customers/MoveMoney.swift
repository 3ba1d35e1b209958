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

@Sendable func chargeWallet(_ call: Call) throws -> Response {
    try move(call, .chargedWallet, allowed: call.caller.isAtLeast(.staff) || call.shop.selfCharge) {
        move, customer, tx in
        try creditWallet(
            move.amount, of: customer.id,
            for: .init(.charged, by: call.caller.id, note: move.note, at: call.now), in: tx)
    }
}

@Sendable func deductWallet(_ call: Call) throws -> Response {
    try move(call, .deductedWallet, allowed: call.caller.isAtLeast(.staff)) { move, customer, tx in
        try debitWallet(
            move.amount, of: customer.id,
            for: .init(.deducted, by: call.caller.id, note: move.note, at: call.now), in: tx)
    }
}

/// The part the two share.
///
/// Whoever may not see the wallet finds none; whoever may see but not move is refused.
private func move(
    _ call: Call, _ action: AuditAction, allowed: Bool,
    _ entry: @escaping @Sendable (WalletMove, Customer, any Transaction) throws -> Void
) throws -> Response {
    let move = try call.body(WalletMove.self)
    return try call.write { tx in
        let customer = try customer(of: call, in: tx)
        guard allowed else { throw Problem.forbidden("This takes the role staff.") }
        try entry(move, customer, tx)
        try audit(action, of: customer.id, after: "\(move.amount.minorUnits)", by: call, in: tx)
        let made = try WalletEntry.all(
            "WHERE entry.customer_id = \(customer.id) ORDER BY entry.id DESC LIMIT 1",
            in: call.shop.currency, tx)
        return .created(made.first, at: "/customers/\(customer.username)/wallet/entries")
    }
}
