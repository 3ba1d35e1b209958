import HTTP
import Service
import Storage
import Values

/// The parameters of `GET /reviews/{id}/flags`.
struct FlagFilter: Input {
    let page: Page

    init(_ fields: inout Fields) {
        page = fields.page(
            id: "flag.customer_id", by: .descending("-created_at", "flag.created_at"))
    }
}

/// Lists the flags of a review with their reasons, newest first.
///
/// Flags are removed when a moderator decides on the review.
@Sendable func listReviewFlags(_ filter: FlagFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let id = try call.id()
    _ = try review(id, in: tx)
    let found = try filter.page.read { range in
        try tx.all(
            """
            SELECT flag.customer_id, flag.reason, flag.created_at, customers.username
            FROM review_flags AS flag JOIN customers ON customers.id = flag.customer_id
            WHERE flag.review_id = \(id) AND \(range.condition) \(range.end)
            """, ShownFlag.init)
    }
    return filter.page.response(found, to: call, id: \.customer, key: \.createdAt.stored)
}

private struct ShownFlag: JSONWritable {
    let customer: Int64
    let username: String
    let reason: String
    let createdAt: Instant

    init(_ row: Row) throws {
        customer = try row["customer_id"]
        username = try row["username"]
        reason = try row["reason"]
        createdAt = try row["created_at"]
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("username", username)
            $0.field("reason", reason)
            $0.field("created_at", createdAt)
        }
    }
}
