import Crypto
import HTTP
import HTTPTypes
import Service
import Storage
import Values

/// The response to a login or a refresh (RFC 6749 §5.1).
struct TokenPair: JSONWritable {
    let accessToken: String
    let expiresInSeconds: Int64
    let refreshToken: String

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("access_token", accessToken)
            $0.field("token_type", "Bearer")
            $0.field("expires_in", expiresInSeconds)
            $0.field("refresh_token", refreshToken)
        }
    }
}

/// A token that extends a session once: 256 bits in base64url without padding.
struct RefreshToken {
    let text: String

    /// Creates the first token of a session.
    static func random() -> RefreshToken {
        RefreshToken(text: Base64URL.encode(randomBytes(32)))
    }

    /// Returns the token that follows this one, derived with each of the keys.
    ///
    /// Without the shop's key it is as unpredictable as a random token. It is the same each time,
    /// so a client that lost the response can get it again although it is not stored. The present
    /// key comes first. The others serve a client that retries after a key rotation.
    func successors(in shop: Shop, at now: Instant) -> [RefreshToken] {
        shop.keys(for: "refresh token", at: now).map {
            RefreshToken(text: Base64URL.encode(Blake2b.hash(Array(text.utf8), key: $0)))
        }
    }

    /// The hash that is stored.
    ///
    /// The token is random enough that a slow hash would add nothing.
    var hash: String { Base64URL.encode(Blake2b.hash(Array(text.utf8))) }
}

/// Live sessions per account.
let liveSessionsMax: Int64 = 100
/// Ended sessions per account that are kept for the export.
private let endedSessionsMax: Int64 = 1000

/// Starts a session for a customer whose password was correct.
///
/// If there are then more than 100 live sessions, the one that was used longest ago ends.
func openSession(for customer: Int64, _ call: Call, in tx: any Transaction) throws -> TokenPair {
    try endForgottenSessions(at: call.now, in: tx)
    try makeRoomForASession(of: customer, at: call.now, in: tx)
    let session = try tx.insert(
        """
        INSERT INTO sessions (customer_id, ip_address, user_agent, created_at, last_seen_at, expires_at)
        VALUES (\(customer), \(call.request.address), \(call.userAgent), \(call.now), \(call.now),
            \(call.now.adding(seconds: call.shop.refreshTokenSeconds)))
        """)
    return try issueTokens(
        .init(customer: customer, session: session), .random(), call, in: tx)
}

/// Makes room for one more live session, and deletes ended ones beyond 1,000.
private func makeRoomForASession(of customer: Int64, at now: Instant, in tx: any Transaction) throws
{
    let surplus: [Int64] = try tx.all(
        """
        SELECT id FROM sessions WHERE customer_id = \(customer) AND ended_at IS NULL
        ORDER BY last_seen_at DESC, id DESC LIMIT 2 OFFSET \(liveSessionsMax - 1)
        \(.alone("sessions"))
        """
    ) { try $0["id"] }
    for session in surplus { try endSession(session, at: now, in: tx) }
    try tx.run(
        """
        DELETE FROM sessions WHERE id IN (
            SELECT id FROM sessions WHERE customer_id = \(customer) AND ended_at IS NOT NULL
            ORDER BY id DESC LIMIT 2 OFFSET \(endedSessionsMax)
        )
        """)
}

/// Issues a token pair for a session; the refresh token is stored only as a hash.
func issueTokens(
    _ claims: Tokens.Claims, _ refreshToken: RefreshToken, _ call: Call, in tx: any Transaction
) throws -> TokenPair {
    try tx.run(
        """
        INSERT INTO refresh_tokens (hash, session_id) VALUES (\(refreshToken.hash), \(claims.session))
        ON CONFLICT (hash) DO NOTHING
        """)
    let access = try call.shop.tokens.sign(claims, at: call.now)
    return TokenPair(
        accessToken: access.token, expiresInSeconds: access.expiresInSeconds,
        refreshToken: refreshToken.text)
}

/// Ends a session: all responders reject its tokens from the commit on.
///
/// - Returns: whether it was live.
@discardableResult
func endSession(_ session: Int64, at now: Instant, in tx: any Transaction) throws -> Bool {
    // Requests of the session that are in progress end first.
    _ = try tx.first("SELECT id FROM sessions WHERE id = \(session) \(.alone("sessions"))")
    let ended = try tx.run(
        "UPDATE sessions SET ended_at = \(now) WHERE id = \(session) AND ended_at IS NULL")
    try tx.run("DELETE FROM refresh_tokens WHERE session_id = \(session)")
    return ended == 1
}

/// Ends all sessions of a customer, except one if it is given.
func endSessions(
    of customer: Int64, except kept: Int64 = 0, at now: Instant, in tx: any Transaction
) throws {
    let sessions: [Int64] = try tx.all(
        """
        SELECT id FROM sessions
        WHERE customer_id = \(customer) AND ended_at IS NULL AND id <> \(kept)
        ORDER BY id \(.alone("sessions"))
        """
    ) { try $0["id"] }
    for session in sessions { try endSession(session, at: now, in: tx) }
}

/// Ends up to two expired sessions, so that a client that never logs out leaves no refresh tokens.
///
/// Each login adds one session, and this can end two. A session with very many refresh tokens ends
/// over several logins.
private func endForgottenSessions(at now: Instant, in tx: any Transaction) throws {
    let sessions: [(id: Int64, end: Instant)] = try tx.all(
        """
        SELECT id, expires_at FROM sessions WHERE ended_at IS NULL AND expires_at <= \(now)
        ORDER BY expires_at, id LIMIT 2 \(.skipping)
        """
    ) { (try $0["id"], try $0["expires_at"]) }
    for session in sessions {
        let tokens = try tx.run(
            """
            DELETE FROM refresh_tokens WHERE hash IN
                (SELECT hash FROM refresh_tokens WHERE session_id = \(session.id) LIMIT 500)
            """)
        if tokens < 500 { try endSession(session.id, at: session.end, in: tx) }
    }
}

extension Call {
    /// The client's User-Agent, cut to 200 code points for the list of sessions.
    var userAgent: String { String((request.field(.userAgent) ?? "").unicodeScalars.prefix(200)) }
}
