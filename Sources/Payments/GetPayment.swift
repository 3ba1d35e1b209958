import Customers
import HTTP
import Service
public import Storage
import Threads

/// The parameters of `GET /sales/payments/{id}`.
struct PaymentWait: Input {
    /// How long to wait for the URL of the payment page, in seconds.
    let wait: Int64

    init(_ fields: inout Fields) {
        wait = fields.optional("wait", .integer(0...20)) ?? 0
    }
}

/// Shows a payment to its owner, also to a guest with the token of its order, and to staff.
///
/// With `wait`, the request waits until the provider has started the payment, unless too many
/// requests wait already.
@Sendable func getPayment(_ wait: PaymentWait, _ call: Call) throws -> Response {
    let id = try call.id()
    var payment = try visiblePayment(id, call)
    guard payment.isStarting, wait.wait > 0 else { return .ok(payment) }
    let endMs = monotonicMs() + wait.wait * 1000
    try call.wait {
        payment = try visiblePayment(id, call)
        return payment.isStarting && monotonicMs() < endMs
    }
    return .ok(payment)
}

/// The order of a payment; nil for a top-up, and if there is no such payment.
public func order(ofPayment id: Int64, in tx: any Transaction) throws -> Int64? {
    guard let row = try tx.first("SELECT order_id FROM payments WHERE id = \(id)") else {
        return nil
    }
    return try row["order_id"]
}

private func visiblePayment(_ id: Int64, _ call: Call) throws -> Payment {
    try call.read { tx in
        let payment = try Payments.payment(id, in: tx)
        guard
            try payment.customer == call.caller.id || call.caller.isAtLeast(.staff)
                || isGuest(payment.customer, claimedBy: call.caller.id, in: tx)
        else { throw paymentNotFound }
        return payment.shown(to: call.caller)
    }
}

extension Payment {
    /// Whether the provider has not started the payment yet.
    var isStarting: Bool { status == .pending && url == nil }
}
