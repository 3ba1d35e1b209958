import HTTP
import Service
import Storage
import Values

/// How long a network stays known after the last login from it: 90 days.
private let knownSeconds: Int64 = 90 * 24 * 60 * 60
/// The most networks that are kept for an account; the one used longest ago is deleted first.
private let networksMax: Int64 = 20

/// When an account last logged in from a network, as an export shows it.
struct KnownNetwork: JSONWritable {
    let lastLoginAt: Instant

    static func all(of customer: Int64, in tx: any Transaction) throws -> [KnownNetwork] {
        try tx.all(
            """
            SELECT last_login_at FROM login_networks WHERE customer_id = \(customer)
            ORDER BY last_login_at
            """
        ) { KnownNetwork(lastLoginAt: try $0["last_login_at"]) }
    }

    func write(to json: inout JSONWriter) {
        json.object { $0.field("last_login_at", lastLoginAt) }
    }
}

extension PasswordAttempt {
    /// Whether the account logged in from the request's network in the last 90 days.
    func isFromKnownNetwork(in tx: any Transaction) throws -> Bool {
        let since = call.now.adding(seconds: -knownSeconds)
        return try LoginDigest.networks(of: username, call).contains { digest in
            let row = try tx.first(
                """
                SELECT customer_id FROM login_networks
                WHERE customer_id = \(customer) AND network_digest = \(digest)
                    AND last_login_at > \(since)
                """)
            return row != nil
        }
    }

    /// Records the request's network as known to the account that has just logged in.
    func rememberNetwork(in tx: any Transaction) throws {
        try tx.run(
            """
            INSERT INTO login_networks (customer_id, network_digest, last_login_at)
            VALUES (\(customer), \(LoginDigest.network(of: username, call)), \(call.now))
            ON CONFLICT (customer_id, network_digest) DO UPDATE SET
                last_login_at = excluded.last_login_at
            """)
        try tx.run(
            """
            DELETE FROM login_networks WHERE customer_id = \(customer) AND network_digest IN (
                SELECT network_digest FROM login_networks WHERE customer_id = \(customer)
                ORDER BY last_login_at DESC LIMIT 2 OFFSET \(networksMax)
            )
            """)
    }
}
