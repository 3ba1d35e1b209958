import Customers
import HTTP
import Outbox
import Sales
import Service
import Storage
import Values

/// The data of an event, for the values of a message.
struct EventData {
    private let members: [ClientJSON.Member]

    /// Nil if the customer has been erased.
    init?(of event: Event) throws {
        guard let data = event.data else { return nil }
        self.init(try ClientJSON(stored: data))
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

    private func flag(_ name: String) -> Bool {
        if case .bool(let flag) = value(name) { flag } else { false }
    }

    private func amount(_ name: String) -> String {
        formatted(integer(name), currency: text("currency"))
    }

    /// The values of the message about an event to a customer.
    func values(for event: Event, in tx: any Transaction) throws -> [String: String] {
        switch event.type {
        case .reviewApproved, .reviewRejected: ofReview
        case .orderShipped: ofShipment
        case .orderReturnRequested: ofReturn { _ in true }
        case .orderReturnApproved, .orderReturnDeclined:
            ofReturn { $0.text("decided_at") == event.createdAt.rfc3339 }
        case .orderReturnReceived:
            ofReturn { $0.text("received_at") == event.createdAt.rfc3339 }
        default: ofOrder.merging(["payment": try payment(in: tx)]) { $1 }
        }
    }

    /// Whether the event belongs to the receipt of a return.
    func hasReturn(receivedAt time: Instant) -> Bool {
        list("returns").contains { $0.text("received_at") == time.rfc3339 }
    }

    /// Whether staff have booked the payment.
    var isManual: Bool { text("provider") == "manual" }

    /// Whether a dispute of the payment has ended.
    var isDisputeOver: Bool { !text("dispute_ended_at").isEmpty }

    /// Whether the shop lost the dispute of the payment at a time.
    func isLost(at time: Instant) -> Bool {
        text("status") == "disputed" && text("dispute_ended_at") == time.rfc3339
    }

    private func list(_ name: String) -> [EventData] {
        if case .array(let elements) = value(name) { elements.map(EventData.init) } else { [] }
    }

    private var ofOrder: [String: String] {
        let lines = list("items").map {
            let price = formatted($0.integer("unit_price"), currency: text("currency"))
            return "\($0.integer("quantity")) × \($0.text("name")), \(price) each"
        }
        let rest = mailedAmounts(
            discount: integer("discount"), shipping: integer("shipping"),
            addedTax: flag("tax_included") ? 0 : integer("tax"), currency: text("currency"))
        return [
            "order": text("id"), "items": mailLines(lines + rest), "total": amount("total"),
            "refunded": amount("refunded"), "tracking": "", "payment": "", "by_hand": "",
        ]
    }

    /// A sentence for the buyer about what staff pay by transfer, and another about cash.
    func promise(toPay refunds: [(method: PaymentMethod, amount: Money)]) -> String {
        [false, true].compactMap { isCash in
            let parts = refunds.filter { ($0.method == .cash) == isCash }
            guard !parts.isEmpty else { return nil }
            let sum = parts.reduce(0) { $0 &+ $1.amount.minorUnits }
            let amount = formatted(sum, currency: text("currency"))
            return isCash
                ? "The shop will pay \(amount) of this to you in cash."
                : "The shop will transfer \(amount) of this to you. That can take some days."
        }.joined(separator: "\n")
    }

    private func payment(in tx: any Transaction) throws -> String {
        guard let method = PaymentMethod(rawValue: text("payment_method")) else { return "" }
        return try paymentRequest(
            Money(minorUnits: integer("due")), by: method,
            until: Instant(rfc3339: text("hold_until")), number: text("number"),
            currency: text("currency"), in: tx)
    }

    /// The units and the tracking of the newest shipment, to which the event belongs.
    private var ofShipment: [String: String] {
        var values = ofOrder
        guard let shipment = list("shipments").last else { return values }
        values["items"] = units(of: shipment, "quantity")
        let parts = [
            ("Carrier: ", "carrier"), ("Tracking number: ", "tracking_number"),
            ("", "tracking_url"),
        ]
        values["tracking"] = parts.map { ($0, shipment.text($1)) }.filter { !$1.isEmpty }
            .map { $0 + $1 }.joined(separator: "\n")
        return values
    }

    /// The last return that meets a condition.
    private func ofReturn(_ meets: (EventData) -> Bool) -> [String: String] {
        var values = ofOrder
        guard let found = list("returns").last(where: meets) ?? list("returns").last else {
            return values
        }
        let isReceived = found.text("status") == "received"
        let isDeclined = found.text("status") == "declined"
        values["items"] = units(of: found, isReceived ? "received_quantity" : "quantity")
        values["return"] = found.text("id")
        values["kind"] = found.text("kind")
        values["time"] = found.text("created_at")
        values["reason"] =
            isDeclined ? found.text("decline_reason") : quoted(found.text("reason"))
        return values
    }

    /// The customer's own text, in which no line can be taken for the shop's.
    ///
    /// The address may be someone else's, but staff have shipped what a return sends back.
    private func quoted(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        let lines = text.split(whereSeparator: \.isNewline)
        return "Your message:\n" + lines.map { "> \($0)" }.joined(separator: "\n")
    }

    /// The lines of a shipment or a return, with the names of the order's products.
    private func units(of part: EventData, _ quantity: String) -> String {
        let products = list("items")
        let lines = part.list("items").filter { $0.integer(quantity) > 0 }.map { item in
            let name = products.first { $0.text("product_id") == item.text("product_id") }
            return "\(item.integer(quantity)) × \(name?.text("name") ?? "")"
        }
        return mailLines(lines)
    }

    func ofPayment(_ subject: String, _ problem: String) -> [String: String] {
        [
            "problem": problem, "payment": text("id"), "subject": subject,
            "order": text("order_id"), "amount": amount("amount"), "captured": amount("captured"),
            "refunded": amount("refunded"),
        ]
    }

    /// The values of the message to staff about a refund that they pay.
    func ofRefund(_ amount: Money, _ subject: String) -> [String: String] {
        [
            "order": text("order_id"), "subject": subject, "reference": text("reference"),
            "amount": formatted(amount.minorUnits, currency: text("currency")),
            "refunded": self.amount("refunded"),
            "method": String(text("method").map { $0 == "_" ? " " : $0 }),
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
