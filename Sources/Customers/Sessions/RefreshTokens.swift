import HTTP
import Service
import Storage
import Values

/// The body of `POST /customers/refresh`.
struct Refreshing: Input {
    let token: RefreshToken

    init(_ fields: inout Fields) {
        token = RefreshToken(text: fields.required("refresh_token", .line(1...200)))
    }
}

@Sendable func refreshTokens(_ refreshing: Refreshing, _ call: Call) throws -> Response {
    try call.refuseDryRun()
    let token = refreshing.token
    do {
        return try call.write(remembered: false) { .ok(try rotate(token, call, in: $0)) }
    } catch let reuse as TokenReuse {
        // One of the two clients is a thief, and the server cannot know which.
        try call.commit { try endSession(reuse.session, at: call.now, in: $0) }
        throw Problem.sessionEnded
    }
}

/// How long a used token returns the same successor again, in seconds.
///
/// It is for a client that did not receive the response.
private let graceSeconds: Int64 = 10

/// Exchanges a refresh token for a new pair; each token works once.
private func rotate(
    _ token: RefreshToken, _ call: Call, in tx: any Transaction
) throws -> TokenPair {
    let (session, successor) = try spend(token, call, in: tx)
    let live = try tx.first(
        """
        UPDATE sessions SET last_seen_at = \(call.now), ip_address = \(call.request.address),
            user_agent = \(call.userAgent),
            expires_at = \(call.now.adding(seconds: call.shop.refreshTokenSeconds))
        WHERE id = \(session) AND ended_at IS NULL AND expires_at > \(call.now)
            AND customer_id IN (
                SELECT id FROM customers WHERE status = 'active' AND guest_email_key IS NULL)
        RETURNING customer_id
        """)
    guard let customer: Int64 = try live?["customer_id"] else { throw Problem.sessionEnded }
    return try issueTokens(
        .init(customer: customer, session: session), successor, call, in: tx)
}

/// Marks a token as used.
///
/// - Returns: its session, and the token that follows it.
/// - Throws: `TokenReuse` if the token was used before, unless that was within `graceSeconds` and
///   its successor is unused.
private func spend(
    _ token: RefreshToken, _ call: Call, in tx: any Transaction
) throws -> (session: Int64, successor: RefreshToken) {
    let successors = token.successors(in: call.shop, at: call.now)
    let spent = try tx.first(
        """
        UPDATE refresh_tokens SET used_at = \(call.now)
        WHERE hash = \(token.hash) AND used_at IS NULL
        RETURNING session_id
        """)
    if let spent { return (try spent["session_id"], successors[0]) }
    let known = try tx.first(
        """
        SELECT session_id, used_at FROM refresh_tokens WHERE hash = \(token.hash)
        \(.alone("refresh_tokens"))
        """)
    guard let known else { throw Problem.sessionEnded }
    let session: Int64 = try known["session_id"]
    let usedAt: Instant = try known["used_at"]
    let given = try successors.first { try isUnused($0, in: tx) }
    guard let given, usedAt.adding(seconds: graceSeconds) > call.now else {
        throw TokenReuse(session: session)
    }
    return (session, given)
}

private func isUnused(_ token: RefreshToken, in tx: any Transaction) throws -> Bool {
    let row = try tx.first(
        """
        SELECT hash FROM refresh_tokens WHERE hash = \(token.hash) AND used_at IS NULL
        \(.alone("refresh_tokens"))
        """)
    return row != nil
}

/// A refresh token was used a second time.
private struct TokenReuse: Error {
    let session: Int64
}
