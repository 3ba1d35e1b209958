import HTTP
import Service
import Storage
import Values

/// Where somebody is signed in.
struct Session: Sendable {
    let id: Int64
    let ipAddress: String
    let userAgent: String
    let createdAt: Instant
    let lastSeenAt: Instant
    let expiresAt: Instant
    let endedAt: Instant?
    let isCurrent: Bool
}

extension Session: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("ip_address", ipAddress)
            $0.field("user_agent", userAgent)
            $0.field("created_at", createdAt)
            $0.field("last_seen_at", lastSeenAt)
            $0.field("expires_at", expiresAt)
            if let endedAt { $0.field("ended_at", endedAt) }
            $0.field("current", isCurrent)
        }
    }
}

@Sendable func listSessions(_ call: Call, in tx: any Transaction) throws -> Response {
    let customer = try customerForAdmin(of: call, in: tx)
    return .ok(Listing(try sessions(of: customer.id, call, in: tx)))
}

@Sendable func endOneSession(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    let customer = try customerForAdmin(of: call, in: tx)
    let isTheirs = try tx.first(
        "SELECT id FROM sessions WHERE id = \(id) AND customer_id = \(customer.id)")
    guard isTheirs != nil, try endSession(id, at: call.now, in: tx) else {
        throw Problem.notFound("session_not_found", "There is no such session.")
    }
    try audit(.endedSession, of: customer.id, before: "\(id)", ownersToo: true, by: call, in: tx)
    return .noContent
}

@Sendable func endAllSessions(_ call: Call, in tx: any Transaction) throws -> Response {
    let customer = try customerForAdmin(of: call, in: tx)
    try endSessions(of: customer.id, at: call.now, in: tx)
    try audit(.endedSession, of: customer.id, before: "all", ownersToo: true, by: call, in: tx)
    return .noContent
}

/// All live sessions, the newest first.
///
/// There are at most `liveSessionsMax`.
func sessions(of customer: Int64, _ call: Call, in tx: any Transaction) throws -> [Session] {
    try sessions(
        """
        WHERE customer_id = \(customer) AND ended_at IS NULL AND expires_at > \(call.now)
        ORDER BY id DESC
        """, call, in: tx)
}

/// The sessions that `rest` selects.
func sessions(_ rest: SQL, _ call: Call, in tx: any Transaction) throws -> [Session] {
    try tx.all(
        """
        SELECT id, ip_address, user_agent, created_at, last_seen_at, expires_at, ended_at FROM sessions
        \(rest)
        """
    ) { row in
        let id: Int64 = try row["id"]
        return Session(
            id: id, ipAddress: try row["ip_address"], userAgent: try row["user_agent"],
            createdAt: try row["created_at"], lastSeenAt: try row["last_seen_at"],
            expiresAt: try row["expires_at"], endedAt: try row["ended_at"],
            isCurrent: id == call.caller.session)
    }
}
