import Storage
import Values

/// What a provider reports about a payment, in a form that is the same for all providers.
struct ProviderEvent: Sendable {
    /// The provider's id of the message; each is booked once.
    let id: String
    /// The provider's type of the message, such as `charge.refunded`.
    let type: String
    let change: Change
    /// `payments.ref`, if the message has it.
    let ref: String?
    /// The provider's session.
    var providerID: String?
    /// The provider's payment, by which messages without `ref` are matched.
    var providerPayment: String?

    enum Change: Sendable, Equatable {
        /// Money came.
        case captured(Money, currency: String)
        /// The payment was refused.
        case failed
        /// The session ended without a payment.
        case expired
        /// The sum of all refunds of the payment.
        case refunded(total: Money)
        /// A refund did not reach the customer, so its money came back.
        case refundFailed(FailedRefund)
        case disputed(Dispute)
        case disputeEnded(Dispute, isLost: Bool)
        /// Nothing that changes the books, such as a session whose payment takes days.
        case nothing
    }

    struct FailedRefund: Sendable, Equatable {
        /// `refunds.ref`; nil for a refund that was made in the provider's dashboard.
        let ref: String?
        /// The provider's number.
        let id: String
        let amount: Money
    }

    /// A payment may have several, one after the other or each about a part.
    struct Dispute: Sendable, Equatable {
        /// The provider's number.
        let id: String
        let amount: Money
    }

    /// The amount in the message.
    var amount: Money {
        switch change {
        case .captured(let amount, _), .refunded(let amount): amount
        case .disputed(let dispute), .disputeEnded(let dispute, _): dispute.amount
        case .refundFailed(let refund): refund.amount
        case .failed, .expired, .nothing: .zero
        }
    }
}

/// The form of a change in the database.
extension ProviderEvent.Change {
    var name: String {
        switch self {
        case .captured: "captured"
        case .failed: "failed"
        case .expired: "expired"
        case .refunded: "refunded"
        case .refundFailed: "refund_failed"
        case .disputed: "disputed"
        case .disputeEnded(_, let isLost): isLost ? "dispute_lost" : "dispute_won"
        case .nothing: "nothing"
        }
    }

    /// The provider's number of the refund or the dispute.
    var object: String? {
        switch self {
        case .refundFailed(let refund): refund.id
        case .disputed(let dispute), .disputeEnded(let dispute, _): dispute.id
        default: nil
        }
    }

    /// The change of a message without a reference, which waited for its payment; nil if it has none.
    init?(unmatched name: String, _ amount: Money, _ object: String?) {
        let dispute = ProviderEvent.Dispute(id: object ?? "", amount: amount)
        switch name {
        case "refunded": self = .refunded(total: amount)
        case "refund_failed":
            self = .refundFailed(.init(ref: nil, id: object ?? "", amount: amount))
        case "disputed": self = .disputed(dispute)
        case "dispute_lost": self = .disputeEnded(dispute, isLost: true)
        case "dispute_won": self = .disputeEnded(dispute, isLost: false)
        default: return nil
        }
    }
}
