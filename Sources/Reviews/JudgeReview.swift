import Customers
import HTTP
import Inventory
import Service
import Storage

/// The body of `POST /reviews/{id}/reject`.
struct Rejection: Input {
    let reason: String

    init(_ fields: inout Fields) {
        reason = fields.required("reason", .line(1...500))
    }
}

@Sendable func approveReview(_ call: Call) throws -> Response {
    let id = try call.id()
    return try call.write { tx in
        let judged = try judgeReview(id, as: .approved, at: call.now, in: tx)
        try audit(.approvedReview, of: judged.author, after: "\(id)", by: call, in: tx)
        return .ok(judged)
    }
}

@Sendable func rejectReview(_ call: Call) throws -> Response {
    let id = try call.id()
    let rejection = try call.body(Rejection.self)
    return try call.write { tx in
        let judged = try judgeReview(
            id, as: .rejected, because: rejection.reason, at: call.now, in: tx)
        try audit(.rejectedReview, of: judged.author, after: "\(id)", by: call, in: tx)
        return .ok(judged)
    }
}

/// Gives a review another status and keeps the product's rating in step.
///
/// The same status again changes only the reason.
/// - Throws: `Problem` 404 `review_not_found`.
func judgeReview(
    _ id: Int64, as status: ReviewStatus, because rejection: String? = nil, at now: Instant,
    in tx: any Transaction
) throws -> Review {
    let before = try review(id, in: tx)
    try tx.run(
        """
        UPDATE reviews SET status = \(status), rejection = \(rejection.stored), updated_at = \(now)
        WHERE id = \(id)
        """)
    let change: Int64 = (status == .approved ? 1 : 0) - (before.status == .approved ? 1 : 0)
    if change != 0 {
        try countRating(
            stars: change * before.opinion.rating, reviews: change, of: before.product, in: tx)
    }
    return try review(id, in: tx)
}
