import HTTP
import Service
import Storage

@Sendable func removeHelpfulVote(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    try call.requireMatch(try review(id, visibleTo: call.caller, in: tx))
    let removed = try tx.run(
        """
        DELETE FROM review_votes WHERE review_id = \(id) AND customer_id = \(call.caller.id)
        """)
    try updateVoteTotals(-Int64(removed), of: id, in: tx)
    return .noContent
}
