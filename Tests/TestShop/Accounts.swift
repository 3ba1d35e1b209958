import Customers
public import HTTP
public import HTTPTypes
import Seeds
public import Service
import Storage
public import Values

extension TestShop {
    /// An access token.
    ///
    /// The first call for an account creates its session.
    ///
    /// The session is inserted without a login, so that hundreds of rows do not hash as many
    /// passwords. Other tests cover the login.
    public func token(of account: String) throws -> String {
        if let token = tokens.withLock({ $0[account] }) { return token }
        let now = clock.now
        let claims: Tokens.Claims = try store.write { tx in
            guard let customer = try customerID(of: account, in: tx) else {
                throw TestFailure(description: "There is no \(account).")
            }
            let row = try tx.first(
                """
                INSERT INTO sessions (customer_id, ip_address, user_agent, created_at, last_seen_at, expires_at)
                VALUES (\(customer), '192.0.2.1', 'test', \(now), \(now), \(now.adding(seconds: 86_400)))
                RETURNING id
                """)
            return Tokens.Claims(customer: customer, session: try row?["id"] ?? 0)
        }
        let token = try shop.tokens.sign(claims, at: now).token
        tokens.withLock { $0[account] = token }
        return token
    }

    /// Creates accounts of customers with this balance.
    ///
    /// No password matches them.
    public func addCustomers(_ names: [String], balance: Int64 = 0, role: Role = .customer) throws {
        let now = clock.now
        try store.write { tx in
            for name in names {
                _ = try addSeedCustomer(
                    name, passwordHash: "none", balance: Money(minorUnits: balance), role: role,
                    at: now, in: tx)
            }
        }
    }

    /// Forgets the tokens of sessions that have ended or expired.
    public func forgetTokens() {
        tokens.withLock { $0 = [:] }
    }

    /// A new API key with these scopes, by default all, inserted without a request.
    public func key(
        of account: String, _ scopes: [Scope] = Scope.allCases, expiresAt: Instant? = nil
    ) throws -> String {
        let key = ApiKey.random()
        try store.write { tx in
            guard let customer = try customerID(of: account, in: tx) else {
                throw TestFailure(description: "There is no \(account).")
            }
            try tx.run(
                """
                INSERT INTO api_keys (customer_id, name, prefix, hash, scopes, created_at, expires_at)
                VALUES (\(customer), 'test', \(key.prefix), \(key.hash), \(Scopes(scopes)), \(clock.now),
                    \(expiresAt.stored))
                """)
        }
        return key.text
    }

    /// Sends with an API key.
    public func send(
        _ method: HTTPRequest.Method, _ target: String, key: String, _ body: String? = nil
    ) throws -> Response {
        try send(method, target, body, fields: [.authorization: "Bearer \(key)"])
    }
}
