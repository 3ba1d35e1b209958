public import HTTP
import Service
public import Storage
public import Values

/// A message that a transaction enqueues for the courier.
public struct OutgoingMail: Sendable {
    /// The kind of the jobs that send messages.
    public static let jobKind = "mail"

    /// The text.
    public let template: MailTemplate
    /// The address of the receiver.
    public let to: String
    /// The values of the template's placeholders, by name.
    public let values: [String: String]
    /// The one-time token of the message.
    public let token: SealedToken?

    /// Creates a message.
    public init(
        _ template: MailTemplate, to: String, values: [String: String] = [:],
        token: SealedToken? = nil
    ) {
        self.template = template
        self.to = to
        self.values = values
        self.token = token
    }
}

/// An encrypted one-time token, so that the database does not reveal it.
public struct SealedToken: Sendable {
    /// The token, encrypted with the shop's key.
    public let box: String
    /// The time after which the token cannot be used, so that its message is not sent any more.
    public let expiresAt: Instant

    /// Creates a sealed token.
    public init(box: String, expiresAt: Instant) {
        self.box = box
        self.expiresAt = expiresAt
    }
}

extension OutgoingMail: JSONWritable {
    /// Writes the payload of the job.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("template", template.rawValue)
            $0.field("to", to)
            $0.field(
                "values",
                values.sorted { $0.key < $1.key }.map { MailValue(name: $0.key, value: $0.value) })
            $0.field("sealed_token", token?.box)
            $0.field("token_expires_at", token?.expiresAt)
        }
    }

    private struct MailValue: JSONWritable, Input {
        let name: String
        let value: String

        init(name: String, value: String) {
            self.name = name
            self.value = value
        }

        init(_ fields: inout Fields) {
            name = fields.required("name", .stored)
            value = fields.required("value", .stored)
        }

        func write(to json: inout JSONWriter) {
            json.object {
                $0.field("name", name)
                $0.field("value", value)
            }
        }
    }
}

extension OutgoingMail {
    /// Reads the payload of a job.
    /// - Throws: `Problem` if it is not that of a message.
    public init(payload: String) throws {
        let fields = try jobPayload(payload, as: Payload.self)
        self.init(
            fields.template, to: fields.to,
            values: Dictionary(
                fields.values.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
            token: fields.token)
    }

    private struct Payload: Input {
        let template: MailTemplate
        let to: String
        let values: [MailValue]
        let token: SealedToken?

        init(_ fields: inout Fields) {
            template = fields.required("template", .choice(.emailVerification))
            to = fields.required("to", .stored)
            values = fields.list("values", count: 0...100, of: MailValue.self, distinct: "name")
            let box = fields.optional("sealed_token", .stored)
            let end = fields.optional("token_expires_at", .instant)
            token = box.flatMap { box in end.map { SealedToken(box: box, expiresAt: $0) } }
        }
    }
}

extension MailTemplate {
    /// The queue of a message to an account.
    ///
    /// At most ten messages are sent at once. Messages about the access to an account or an order do
    /// not wait for others, because their tokens expire. Messages that one event sends to thousands
    /// delay no others.
    fileprivate func queue(for customer: Int64) -> JobQueue {
        switch self {
        case .emailVerification, .emailChanged, .emailRemoved, .passwordReset, .passwordChanged,
            .credentialsChanged, .newSignIn, .guestOrderReceived:
            .lane("mail-access", of: 4, for: customer)
        case .backInStock, .lowStock: .lane("mail-bulk", of: 2, for: customer)
        case .orderReceived, .orderExpired, .paymentProblem, .paymentLate, .paymentExtra,
            .refundByHand, .orderPaid, .orderShipped, .orderRefunded, .returnRequested,
            .returnApproved, .returnDeclined, .returnReceived, .reviewApproved, .reviewRejected,
            .webhookFailing:
            .lane("mail", of: 4, for: customer)
        }
    }
}

/// Enqueues a message for the courier, which sends it after the commit.
///
/// - Parameters:
///   - mail: the message.
///   - customer: the receiver's account, whose erasure deletes the message; nil for others.
///   - now: the current time.
///   - tx: the transaction.
/// - Throws: `StoreError`.
public func enqueueMail(
    _ mail: OutgoingMail, of customer: Int64?, at now: Instant, in tx: any Transaction
) throws {
    try enqueue(
        OutgoingMail.jobKind, in: mail.template.queue(for: customer ?? 0), mail, of: customer,
        at: now, in: tx)
}
