import HTTP
import Service
import Storage

/// The body of `POST /reviews/{id}/reject`.
struct Rejection: Input {
    let reason: String

    init(_ fields: inout Fields) {
        reason = fields.required("reason", .line(1...500))
    }
}

@Sendable func rejectReview(_ rejection: Rejection, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    try decideReview(
        as: .rejected, because: rejection.reason, .rejectedReview, .reviewRejected, call, in: tx)
}
