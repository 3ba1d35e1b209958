public import Service
import Storage
import Values

/// How responders find the callers of this shop's accounts.
public let authentication = Authentication(
    caller: caller, recordUse: recordUse,
    hasSecondFactor: { try SecondFactor.confirmed(of: $0, in: $1) != nil })

/// Returns the caller that a credential names, or nil if the session has ended, the key does not
/// work, or the account is inactive.
///
/// In a write both rows are held, the account first, in the order in which a logout or a
/// revocation locks them.
@Sendable private func caller(
    _ credential: Credential, at now: Instant, in tx: any Transaction
) throws -> Caller? {
    switch credential {
    case .session(let claims): try caller(claims, in: tx)
    case .key(let key): try caller(key, at: now, in: tx)
    case .order: nil
    }
}

private func caller(_ claims: Tokens.Claims, in tx: any Transaction) throws -> Caller? {
    let row = try tx.first(
        """
        SELECT customers.username, customers.role
        FROM sessions JOIN customers ON customers.id = sessions.customer_id
        WHERE sessions.id = \(claims.session) AND sessions.customer_id = \(claims.customer)
            AND sessions.ended_at IS NULL AND customers.status = 'active'
            AND customers.guest_email_key IS NULL
        \(.held("customers, sessions"))
        """)
    return try row.map {
        Caller(
            id: claims.customer, username: try $0["username"], role: try $0["role"] as Role,
            session: claims.session)
    }
}

private func caller(
    _ key: ApiKey, at now: Instant, in tx: any Transaction
) throws -> Caller? {
    let row = try tx.first(
        """
        SELECT customers.id, customers.username, customers.role, api_keys.hash, api_keys.scopes
        FROM api_keys JOIN customers ON customers.id = api_keys.customer_id
        WHERE api_keys.prefix = \(key.prefix) AND customers.status = 'active'
            AND customers.guest_email_key IS NULL
            AND (api_keys.expires_at IS NULL OR api_keys.expires_at > \(now))
        \(.held("customers, api_keys"))
        """)
    guard let row, try key.matches(row["hash"]) else { return nil }
    return Caller(
        id: try row["id"], username: try row["username"], role: try row["role"] as Role,
        session: 0, scopes: try row["scopes"] as Scopes)
}

@Sendable private func recordUse(
    of key: ApiKey, at minute: Instant, in tx: any Transaction
) throws {
    try tx.run(
        """
        UPDATE api_keys SET last_used_at = \(minute)
        WHERE prefix = \(key.prefix) AND hash = \(key.hash)
            AND (last_used_at IS NULL OR last_used_at < \(minute))
        """)
}
