import HTTP
import Service
import Storage

@Sendable func addHelpfulVote(_ call: Call, in tx: any Transaction) throws -> Response {
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
    try updateVoteTotals(Int64(added), of: id, in: tx)
    return .ok(try review(id, in: tx))
}

func updateVoteTotals(_ change: Int64, of review: Int64, in tx: any Transaction) throws {
    guard change != 0 else { return }
    try tx.run("UPDATE reviews SET helpful = helpful + \(change) WHERE id = \(review)")
}
