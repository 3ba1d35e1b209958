import Customers
import Seeds
import Service
import Storage
import Values

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
}
