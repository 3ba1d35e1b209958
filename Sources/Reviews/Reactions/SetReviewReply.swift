import Customers
import HTTP
import Service
import Storage

/// The body of `PUT /reviews/{id}/reply`, the shop's reply.
struct Reply: Input {
    let text: String

    init(_ fields: inout Fields) {
        text = fields.required("text", .text(1...5000))
    }
}

@Sendable func setReviewReply(_ reply: Reply, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    try setReply(reply.text, .repliedToReview, call, in: tx)
}

/// Sets or removes the shop's reply.
func setReply(
    _ text: String?, _ action: AuditAction, _ call: Call, in tx: any Transaction
) throws -> Response {
    let id = try call.id()
    let before = try review(id, visibleTo: call.caller, in: tx)
    try refuseOwnReview(before, call)
    guard text != nil || before.reply != nil else {
        throw Problem.notFound("reply_not_found", "The review has no reply.")
    }
    try call.requireMatch(before)
    try tx.run(
        """
        UPDATE reviews SET reply = \(text.stored),
            replied_at = \(text.map { _ in call.now }.stored)
        WHERE id = \(id)
        """)
    try audit(action, of: before.author, on: "/reviews/\(id)", by: call, in: tx)
    let after = try review(id, in: tx)
    try publish(text == nil ? .reviewReplyRemoved : .reviewReplied, after, by: call, in: tx)
    return .ok(after)
}
