import Customers
import HTTP
import Outbox
import Service
import Storage
import Values

/// Leaves the messages that follow from an event.
///
/// An order that is paid when it is created gets one message, not two.
func enqueueMails(about event: Event, at now: Instant, in tx: any Transaction) throws {
    guard let text = event.data else { return }
    let data = EventData(try ClientJSON(parsing: Array(text.utf8)))
    switch event.type {
    case .orderCreated: try toCustomer(.orderReceived, event, data.ofOrder, at: now, in: tx)
    case .orderPaid where data.text("created_at") != event.createdAt.rfc3339:
        try toCustomer(.orderPaid, event, data.ofOrder, at: now, in: tx)
    case .orderShipped: try toCustomer(.orderShipped, event, data.ofOrder, at: now, in: tx)
    case .orderRefunded, .orderCancelled:
        guard data.integer("refunded") > 0 else { return }
        try toCustomer(.orderRefunded, event, data.ofOrder, at: now, in: tx)
    case .reviewApproved: try toCustomer(.reviewApproved, event, data.ofReview, at: now, in: tx)
    case .reviewRejected: try toCustomer(.reviewRejected, event, data.ofReview, at: now, in: tx)
    case .stockLow, .stockOut:
        try toStaff(.lowStock, .staff, event, data.ofProduct, at: now, in: tx)
    case .webhookFailing:
        let values = ["url": data.text("url"), "subject": event.subject]
        try toStaff(.webhookFailing, .admin, event, values, at: now, in: tx)
    default: return
    }
}

private func toCustomer(
    _ template: MailTemplate, _ event: Event, _ values: [String: String], at now: Instant,
    in tx: any Transaction
) throws {
    guard let customer = event.customer,
        let receiver = try mailReceiver(of: customer, in: tx)
    else { return }
    try enqueueMail(
        OutgoingMail(
            template, to: receiver.address, values: values.merging(receiver.values) { $1 }),
        of: customer, at: now, in: tx)
}

private func toStaff(
    _ template: MailTemplate, _ role: Role, _ event: Event, _ values: [String: String],
    at now: Instant, in tx: any Transaction
) throws {
    for receiver in try staffMailReceivers(atLeast: role, in: tx) {
        try enqueueMail(
            OutgoingMail(
                template, to: receiver.address, values: values.merging(receiver.values) { $1 }),
            of: receiver.id, at: now, in: tx)
    }
}

/// The data of an event, for the values of a message.
private struct EventData {
    private let members: [ClientJSON.Member]

    init(_ json: ClientJSON) {
        if case .object(let members) = json { self.members = members } else { members = [] }
    }

    private func value(_ name: String) -> ClientJSON? {
        members.first { String($0.name.utf8) == name }?.value
    }

    /// A text, or an integer as text; empty if the member is missing or null.
    func text(_ name: String) -> String {
        switch value(name) {
        case .string(let text): String(text.utf8)
        case .integer(let number): String(number)
        default: ""
        }
    }

    func integer(_ name: String) -> Int64 {
        if case .integer(let number) = value(name) { number } else { 0 }
    }

    private func amount(_ name: String) -> String {
        formatted(integer(name), currency: text("currency"))
    }

    var ofOrder: [String: String] {
        var lines: [String] = []
        if case .array(let items) = value("items") {
            lines = items.map(EventData.init).map {
                let price = formatted($0.integer("unit_price"), currency: text("currency"))
                return "\($0.integer("quantity")) × \($0.text("name")), \(price) each"
            }
        }
        return [
            "order": text("id"), "items": lines.joined(separator: "\n"), "total": amount("total"),
            "refunded": amount("refunded"), "tracking": "",
        ]
    }

    var ofReview: [String: String] {
        ["product": text("product_id"), "reason": text("rejection")]
    }

    var ofProduct: [String: String] {
        [
            "product": text("name"), "subject": "/inventory/\(text("id"))", "stock": text("stock"),
        ]
    }
}

/// An amount of minor units for people: `12.50 EUR`.
func formatted(_ minorUnits: Int64, currency: String) -> String {
    let count = minorDigits(of: currency)
    var digits = String(minorUnits.magnitude)
    while digits.count <= count { digits = "0" + digits }
    let whole = digits.dropLast(count)
    let part = count > 0 ? ".\(digits.suffix(count))" : ""
    return "\(minorUnits < 0 ? "-" : "")\(whole)\(part) \(currency)"
}
