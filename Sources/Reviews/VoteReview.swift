import HTTP
import Service
import Storage

@Sendable func voteReview(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    let before = try review(id, visibleTo: call.caller, in: tx)
    guard before.author != call.caller.id else {
        throw Problem.conflict("own_review", "You cannot vote for your own review.")
    }
    try call.requireMatch(before)
    let added = try tx.run(
        """
        INSERT INTO review_votes (review_id, customer_id) VALUES (\(id), \(call.caller.id))
        ON CONFLICT (review_id, customer_id) DO NOTHING
        """)
    try countVotes(Int64(added), of: id, in: tx)
    return .ok(try review(id, in: tx))
}

@Sendable func unvoteReview(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    try call.requireMatch(try review(id, visibleTo: call.caller, in: tx))
    let removed = try tx.run(
        """
        DELETE FROM review_votes WHERE review_id = \(id) AND customer_id = \(call.caller.id)
        """)
    try countVotes(-Int64(removed), of: id, in: tx)
    return .noContent
}

private func countVotes(_ change: Int64, of review: Int64, in tx: any Transaction) throws {
    guard change != 0 else { return }
    try tx.run("UPDATE reviews SET helpful = helpful + \(change) WHERE id = \(review)")
}
