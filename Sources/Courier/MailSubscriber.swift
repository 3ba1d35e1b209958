import Customers
import Outbox
import Sales
import Service
import Storage
import Values

/// The orders of an account in 24 hours that send messages to an address that is not verified.
private let unverifiedOrdersMax: Int64 = 20

/// Leaves the messages that follow from events.
///
/// An order that is paid when it is created gets one message, not two. So does the refund of a
/// return.
func enqueueMails(about events: [Event], at now: Instant, in tx: any Transaction) throws {
    let receivers = try mailReceivers(of: Set(events.compactMap(\.customer)), in: tx)
    for event in events {
        try enqueueMails(
            about: event, to: event.customer.flatMap { receivers[$0] }, at: now, in: tx)
    }
}

/// Leaves the messages that follow from an event; `receiver` is its customer.
private func enqueueMails(
    about event: Event, to receiver: MailReceiver?, at now: Instant, in tx: any Transaction
) throws {
    switch event.type {
    case .orderCreated, .orderPaid, .orderShipped, .orderRefunded, .orderCancelled, .orderExpired,
        .orderReturnRequested, .orderReturnApproved, .orderReturnDeclined, .orderReturnReceived,
        .reviewApproved, .reviewRejected:
        // First, because most customers of some shops have no address.
        guard let receiver, let data = try EventData(of: event),
            let template = template(of: event, data),
            // A guest gets the message that the order has left.
            template != .orderReceived || !receiver.isGuest,
            try !floods(receiver, at: now, in: tx)
        else { return }
        try enqueueMail(
            template, to: receiver, data.values(for: event, to: receiver), at: now, in: tx)
    case .paymentCaptured:
        // No money comes when the shop wins a dispute.
        guard let receiver, let data = try EventData(of: event), !data.isDisputeOver,
            try wasCancelled(data.integer("order_id"), before: event.createdAt, in: tx)
        else { return }
        try enqueueMail(
            .paymentLate, to: receiver, data.ofPayment(event.subject, ""), at: now, in: tx)
    case .paymentMismatched, .paymentDisputed, .paymentRefunded, .paymentRefundFailed:
        guard let data = try EventData(of: event), let problem = problem(of: event, data) else {
            return
        }
        try toStaff(
            .paymentProblem, .staff, data.ofPayment(event.subject, problem), at: now, in: tx)
    case .stockLow, .stockOut:
        guard let data = try EventData(of: event) else { return }
        try toStaff(.lowStock, .staff, data.ofProduct, at: now, in: tx)
    case .webhookFailing:
        guard let data = try EventData(of: event) else { return }
        let values = ["url": data.text("url"), "subject": event.subject]
        try toStaff(.webhookFailing, .admin, values, at: now, in: tx)
    default: return
    }
}

/// Whether a message may be one of many to the address of somebody else.
///
/// Each guest has one order.
private func floods(
    _ receiver: MailReceiver, at now: Instant, in tx: any Transaction
) throws -> Bool {
    guard !receiver.isVerified, !receiver.isGuest else { return false }
    return try hasOrdered(
        moreThan: unverifiedOrdersMax, by: receiver.id,
        since: now.adding(seconds: -24 * 60 * 60), in: tx)
}

/// What staff must know about a payment; nil if it needs no decision.
private func problem(of event: Event, _ data: EventData) -> String? {
    switch event.type {
    // They know it since the money came, and the shop has won a dispute.
    case .paymentMismatched where data.isDisputeOver: nil
    case .paymentMismatched: "Another amount came than was asked for"
    case .paymentDisputed, .paymentRefunded:
        if data.isLost(at: event.createdAt) {
            "The buyer has won the dispute at their bank"
        } else {
            event.type == .paymentDisputed ? "The buyer disputes it at their bank" : nil
        }
    default: "A refund did not reach the buyer"
    }
}

/// The message to the customer; nil if there is none.
private func template(of event: Event, _ data: EventData) -> MailTemplate? {
    switch event.type {
    case .orderCreated: .orderReceived
    case .orderPaid: data.text("created_at") == event.createdAt.rfc3339 ? nil : .orderPaid
    case .orderShipped: .orderShipped
    case .orderRefunded where data.hasReturn(receivedAt: event.createdAt): nil
    case .orderExpired: .orderExpired
    case .orderRefunded, .orderCancelled: data.integer("refunded") > 0 ? .orderRefunded : nil
    case .orderReturnRequested: .returnRequested
    case .orderReturnApproved: .returnApproved
    case .orderReturnDeclined: .returnDeclined
    case .orderReturnReceived: .returnReceived
    case .reviewApproved: .reviewApproved
    case .reviewRejected: .reviewRejected
    default: nil
    }
}

private func enqueueMail(
    _ template: MailTemplate, to receiver: MailReceiver, _ values: [String: String],
    at now: Instant, in tx: any Transaction
) throws {
    try enqueueMail(
        OutgoingMail(
            template, to: receiver.address, values: values.merging(receiver.values) { $1 }),
        of: receiver.id, at: now, in: tx)
}

private func toStaff(
    _ template: MailTemplate, _ role: Role, _ values: [String: String], at now: Instant,
    in tx: any Transaction
) throws {
    for receiver in try staffMailReceivers(atLeast: role, in: tx) {
        try enqueueMail(template, to: receiver, values, at: now, in: tx)
    }
}
