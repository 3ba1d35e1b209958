import HTTP
import Outbox
import Service
import Storage
import Values

/// A job in which the courier calls a provider: to start a payment, or to refund one.
enum PaymentJob: Sendable {
    case start(Int64)
    case refund(Int64)

    static let startKind = "payment_start"
    static let refundKind = "payment_refund"

    var kind: String {
        switch self {
        case .start: PaymentJob.startKind
        case .refund: PaymentJob.refundKind
        }
    }
}

extension PaymentJob: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            switch self {
            case .start(let id), .refund(let id): $0.field("id", id)
            }
        }
    }

    private struct Payload: Input {
        let id: Int64

        init(_ fields: inout Fields) {
            id = fields.required("id", .id)
        }
    }

    /// Reads a job.
    /// - Throws: `Problem` if it is not one of a payment.
    init(_ job: Job) throws {
        let id = try jobPayload(job.payload, as: Payload.self).id
        self = job.kind == PaymentJob.startKind ? .start(id) : .refund(id)
    }
}

/// The maximum number of concurrent calls of the provider.
private let lanes: Int64 = 4

/// Enqueues a job in which the courier calls the provider.
///
/// An erasure of the customer does not delete it: a refund must still be made.
func enqueue(
    _ job: PaymentJob, for customer: Int64, at now: Instant, in tx: any Transaction
) throws {
    try Outbox.enqueue(
        job.kind, in: .lane("payment", of: lanes, for: customer), job, of: nil, at: now, in: tx)
}
