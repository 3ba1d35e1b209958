public import Service
public import Storage

/// Returns the caller of an access token, or nil if the session has ended or the account is
/// inactive.
///
/// In a write both rows are held, the account first, in the order in which a logout locks
/// them.
@Sendable public func caller(_ claims: Tokens.Claims, in tx: any Transaction) throws -> Caller? {
    let row = try tx.first(
        """
        SELECT customers.username, customers.role
        FROM sessions JOIN customers ON customers.id = sessions.customer_id
        WHERE sessions.id = \(claims.session) AND sessions.customer_id = \(claims.customer)
            AND sessions.ended_at IS NULL AND customers.status = 'active'
        \(.held("customers, sessions"))
        """)
    return try row.map {
        Caller(
            id: claims.customer, username: try $0["username"], role: try $0["role"] as Role,
            session: claims.session)
    }
}
