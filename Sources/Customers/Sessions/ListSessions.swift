import HTTP
import Service
import Storage

/// The live sessions of a customer, newest first: at most `liveSessionsMax`.
@Sendable func listSessions(_ call: Call, in tx: any Transaction) throws -> Response {
    let customer = try customerForAdmin(of: call, in: tx)
    let sessions = try tx.all(
        Session.self,
        """
        WHERE customer_id = \(customer.id) AND ended_at IS NULL AND expires_at > \(call.now)
        ORDER BY id DESC
        """, call.caller.session)
    return .ok(Listing(sessions))
}
