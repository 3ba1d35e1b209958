import Crypto
import HTTP
import Service
import Storage
import Values

/// The failed logins of a name in the last day, from one network or from all unknown ones.
struct LoginFailures {
    let failures: Int64
    let lastFailedAt: Instant
    let lockedUntil: Instant
    let ofAllNetworks: Bool

    /// Returns the rows that match `condition`.
    static func all(_ condition: SQL, in tx: any Transaction) throws -> [LoginFailures] {
        try tx.all(
            """
            SELECT network_digest, failures, last_failed_at, locked_until FROM login_failures
            WHERE \(condition) ORDER BY network_digest
            """
        ) { row in
            let network: String = try row["network_digest"]
            return LoginFailures(
                failures: try row["failures"], lastFailedAt: try row["last_failed_at"],
                lockedUntil: try row["locked_until"], ofAllNetworks: network.isEmpty)
        }
    }
}

/// Failed logins as an export shows them.
struct ShownLoginFailures: JSONWritable {
    let rows: LoginFailures
    let now: Instant

    static func all(
        of username: String, _ call: Call, in tx: any Transaction
    ) throws -> [ShownLoginFailures] {
        try LoginDigest.names(username, call).flatMap {
            try LoginFailures.all("name_digest = \($0)", in: tx)
        }.map { ShownLoginFailures(rows: $0, now: call.now) }
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("networks", rows.ofAllNetworks ? "all" : "one")
            $0.field("failures", rows.failures)
            $0.field("last_failed_at", rows.lastFailedAt)
            $0.field("locked_until", isLock(rows.lockedUntil, at: now) ? rows.lockedUntil : nil)
        }
    }
}

/// Deletes all failures of a name.
func forgetFailures(of username: String, _ call: Call, in tx: any Transaction) throws {
    for digest in LoginDigest.names(username, call) {
        try tx.run("DELETE FROM login_failures WHERE name_digest = \(digest)")
    }
}

/// Keyed digests of entered usernames and of networks.
///
/// People sometimes type a password into the username field. Without the shop's key, a digest
/// cannot be read or guessed. Only the present key counts failures, so a key rotation resets the
/// counters.
enum LoginDigest {
    static func name(_ username: String, _ call: Call) -> String { names(username, call)[0] }

    /// The digests of a name with each of the shop's keys, the present key first.
    static func names(_ username: String, _ call: Call) -> [String] {
        keys(call).map { Base64URL.encode(Blake2b.hash(Array(username.utf8), key: $0)) }
    }

    /// The digest of the network that sent the request, different for each name.
    static func network(of username: String, _ call: Call) -> String {
        networks(of: username, call)[0]
    }

    static func networks(of username: String, _ call: Call) -> [String] {
        let bytes = Array(username.utf8) + [0] + Customers.network(of: call.request.address)
        return keys(call).map { Base64URL.encode(Blake2b.hash(bytes, key: $0)) }
    }

    private static func keys(_ call: Call) -> [[UInt8]] {
        call.shop.keys(for: "login name", at: call.now)
    }
}
