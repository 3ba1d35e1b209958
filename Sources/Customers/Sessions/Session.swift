import HTTP
import Service
import Storage
import Values

/// A session of an account, as the list of sessions shows it.
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

extension Session: Record {
    static let columns: SQL = """
        id, ip_address, user_agent, created_at, last_seen_at, expires_at, ended_at
        """
    static let source: SQL = "sessions"

    /// Decodes a row for a caller whose session is `current`.
    init(_ row: Row, _ current: Int64) throws {
        let id: Int64 = try row["id"]
        self.init(
            id: id, ipAddress: try row["ip_address"], userAgent: try row["user_agent"],
            createdAt: try row["created_at"], lastSeenAt: try row["last_seen_at"],
            expiresAt: try row["expires_at"], endedAt: try row["ended_at"],
            isCurrent: id == current)
    }
}
