import Customers
import Outbox
import Payments
import Sales
import Service
import Storage
import Values

/// The orders of an account in 24 hours that send messages to an address that is not verified.
private let unverifiedOrdersMax: Int64 = 20

/// The time in which staff get one message about the low stock of a product, and one that it is out
/// of stock.
private let stockMailSeconds: Int64 = 24 * 60 * 60

/// Enqueues the messages about events.
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

/// Enqueues the messages about an event; `receiver` is its customer.
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
        var values = try data.values(for: event, in: tx)
        if template == .orderRefunded || template == .returnReceived {
            let byHand = try refundsByHand(
                ofOrder: data.integer("id"), at: event.createdAt, in: tx)
            values["by_hand"] = data.promise(toPay: byHand)
        }
        try enqueueMail(template, to: receiver, values, at: now, in: tx)
    case .paymentCaptured:
        // No money comes when the shop wins a dispute.
        guard let data = try EventData(of: event), !data.isDisputeOver else { return }
        try enqueueMails(aboutUnexpectedMoney: data, event, to: receiver, at: now, in: tx)
    case .paymentMismatched, .paymentDisputed, .paymentRefunded, .paymentRefundFailed:
        guard let data = try EventData(of: event) else { return }
        if event.type == .paymentRefunded, data.isManual {
            return try askStaffToPay(data, event, at: now, in: tx)
        }
        guard let problem = problem(of: event, data) else { return }
        try toStaff(
            .paymentProblem, .staff, data.ofPayment(event.subject, problem), at: now, in: tx)
    case .stockLow, .stockOut:
        // A customer who orders and cancels repeats it at will.
        guard let data = try EventData(of: event),
            try isDue(
                "\(event.type.rawValue) \(event.subject)", everySeconds: stockMailSeconds, at: now,
                in: tx)
        else { return }
        try toStaff(.lowStock, .staff, data.ofProduct, at: now, in: tx)
    case .webhookFailing:
        guard let data = try EventData(of: event) else { return }
        let values = ["url": data.text("url"), "subject": event.subject]
        try toStaff(.webhookFailing, .admin, values, at: now, in: tx)
    default: return
    }
}

/// Enqueues the messages about money that came for an order that was paid or cancelled before.
///
/// Staff know the money that they have booked. An account sees late money in its wallet, and a guest
/// does not.
private func enqueueMails(
    aboutUnexpectedMoney data: EventData, _ event: Event, to receiver: MailReceiver?,
    at now: Instant, in tx: any Transaction
) throws {
    let order = data.integer("order_id")
    guard order > 0 else { return }
    let wasCancelled = try wasCancelled(order, before: event.createdAt, in: tx)
    guard try wasCancelled || wasPaid(order, before: event.createdAt, in: tx) else { return }
    if let receiver {
        try enqueueMail(
            wasCancelled ? .paymentLate : .paymentExtra, to: receiver,
            data.ofPayment(event.subject, ""), at: now, in: tx)
    }
    guard !data.isManual, !wasCancelled || receiver?.isGuest == true else { return }
    let problem =
        wasCancelled
        ? "Money came for the cancelled order of a guest"
        : "Money came for an order that was paid before"
    try toStaff(.paymentProblem, .staff, data.ofPayment(event.subject, problem), at: now, in: tx)
}

/// Asks staff to pay a refund of cash or of a bank transfer, which no program pays.
private func askStaffToPay(
    _ data: EventData, _ event: Event, at now: Instant, in tx: any Transaction
) throws {
    let sum = Money(minorUnits: data.integer("refunded"))
    guard let amount = try refundByHand(of: data.integer("id"), reaching: sum, in: tx) else {
        return
    }
    try toStaff(.refundByHand, .staff, data.ofRefund(amount, event.subject), at: now, in: tx)
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

/// The problem of a payment that staff must decide on; nil if there is none.
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
