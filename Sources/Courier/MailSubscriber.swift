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
    switch event.type {
    case .orderCreated, .orderPaid, .orderShipped, .orderRefunded, .orderCancelled,
        .reviewApproved, .reviewRejected:
        // First, because most customers of some shops have no address.
        guard let customer = event.customer,
            let receiver = try mailReceiver(of: customer, in: tx),
            let data = try EventData(of: event), let template = template(of: event, data)
        else { return }
        try enqueueMail(template, to: receiver, data.ofSubject(of: event.type), at: now, in: tx)
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

/// The message to the customer; nil if there is none.
private func template(of event: Event, _ data: EventData) -> MailTemplate? {
    switch event.type {
    case .orderCreated: .orderReceived
    case .orderPaid: data.text("created_at") == event.createdAt.rfc3339 ? nil : .orderPaid
    case .orderShipped: .orderShipped
    case .orderRefunded, .orderCancelled: data.integer("refunded") > 0 ? .orderRefunded : nil
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

/// The data of an event, for the values of a message.
private struct EventData {
    private let members: [ClientJSON.Member]

    /// Nil if the customer has been erased.
    init?(of event: Event) throws {
        guard let data = event.data else { return nil }
        self.init(try ClientJSON(parsing: Array(data.utf8)))
    }

    private init(_ json: ClientJSON) {
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

    func ofSubject(of type: EventType) -> [String: String] {
        type == .reviewApproved || type == .reviewRejected ? ofReview : ofOrder
    }

    private var ofOrder: [String: String] {
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

    private var ofReview: [String: String] {
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
