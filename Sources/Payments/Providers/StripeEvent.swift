import HTTP
import Values

/// Reads Stripe's messages (https://docs.stripe.com/api/events/types).
enum StripeEvent {
    /// A message of a known type that cannot be read.
    struct Unreadable: Error {}

    /// The types that concern the shop.
    private static let types: Set = [
        "checkout.session.completed", "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed", "checkout.session.expired", "charge.refunded",
        "refund.failed", "charge.dispute.created", "charge.dispute.closed",
    ]

    /// The message, or nil if it does not concern the shop.
    static func read(_ event: ClientJSON) throws -> ProviderEvent? {
        guard let id = event.text("id"), let type = event.text("type") else { throw Unreadable() }
        guard types.contains(type) else { return nil }
        guard let object = event.member("data")?.member("object") else { throw Unreadable() }
        switch type {
        case "checkout.session.completed", "checkout.session.async_payment_succeeded":
            return try session(id, type, object, object.isPaid ? paid(object) : .nothing)
        case "checkout.session.async_payment_failed":
            return try session(id, type, object, .failed)
        case "checkout.session.expired":
            return try session(id, type, object, .expired)
        case "charge.refunded":
            guard let total = object.money("amount_refunded") else { throw Unreadable() }
            return charge(id, type, object, .refunded(total: total))
        case "refund.failed":
            return try refundFailed(id, type, object)
        case "charge.dispute.created":
            return charge(id, type, object, .disputed(try dispute(object)))
        case "charge.dispute.closed":
            guard let status = object.text("status") else { throw Unreadable() }
            // An inquiry that ended (`warning_closed`) moved no money.
            return charge(
                id, type, object, .disputeEnded(try dispute(object), isLost: status == "lost"))
        default: return nil
        }
    }

    private static func paid(_ session: ClientJSON) throws -> ProviderEvent.Change {
        guard let currency = session.text("currency")?.uppercased(),
            let amount = session.money("amount_total")
        else { throw Unreadable() }
        return .captured(amount, currency: currency)
    }

    /// A message about a session, which names the payment; nil if the session takes no payment.
    private static func session(
        _ id: String, _ type: String, _ session: ClientJSON,
        _ change: @autoclosure () throws -> ProviderEvent.Change
    ) throws -> ProviderEvent? {
        // Subscriptions, and cards that are stored for later, are of other programs of the account.
        guard session.text("mode") ?? "payment" == "payment" else { return nil }
        return ProviderEvent(
            id: id, type: type, change: try change(),
            ref: session.text("client_reference_id") ?? "",
            providerID: session.text("id"), providerPayment: session.text("payment_intent"))
    }

    /// A message about a charge, its refund or its dispute.
    private static func charge(
        _ id: String, _ type: String, _ object: ClientJSON, _ change: ProviderEvent.Change
    ) -> ProviderEvent {
        ProviderEvent(
            id: id, type: type, change: change,
            ref: object.member("metadata")?.text("souk_payment"),
            providerPayment: object.text("payment_intent"))
    }

    private static func dispute(_ object: ClientJSON) throws -> ProviderEvent.Dispute {
        guard let number = object.text("id"), let amount = object.money("amount") else {
            throw Unreadable()
        }
        return ProviderEvent.Dispute(id: number, amount: amount)
    }

    private static func refundFailed(_ id: String, _ type: String, _ refund: ClientJSON) throws
        -> ProviderEvent
    {
        guard let number = refund.text("id"), let amount = refund.money("amount") else {
            throw Unreadable()
        }
        let failed = ProviderEvent.FailedRefund(
            ref: refund.member("metadata")?.text("souk_refund"), id: number, amount: amount)
        return charge(id, type, refund, .refundFailed(failed))
    }
}

extension ClientJSON {
    /// Whether a session's money has come: a payment by bank may take days.
    fileprivate var isPaid: Bool { text("payment_status") != "unpaid" }

    /// An amount in the currency of the object.
    fileprivate func money(_ name: String) -> Money? {
        guard case .integer(let amount)? = member(name) else { return nil }
        return StripeAmount.money(amount, text("currency")?.uppercased() ?? "")
    }

    /// The member of an object, or nil.
    func member(_ name: String) -> ClientJSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name.isSame(as: name) }?.value
    }

    /// A member that is text of at most 2,000 bytes, or nil.
    func text(_ name: String) -> String? {
        guard case .string(let text)? = member(name) else { return nil }
        return text.string(bytesMax: 2000)
    }

    /// The first 500 bytes of a member that is text, or nil.
    func beginning(_ name: String) -> String? {
        guard case .string(let text)? = member(name) else { return nil }
        return text.beginning(bytesMax: 500)
    }

    /// A member that is a Boolean, or nil.
    func flag(_ name: String) -> Bool? {
        guard case .bool(let flag)? = member(name) else { return nil }
        return flag
    }

    /// The elements of a member that is a list.
    func list(_ name: String) -> [ClientJSON] {
        guard case .array(let elements)? = member(name) else { return [] }
        return elements
    }
}
