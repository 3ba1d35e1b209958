import Crypto
import Glibc
import HTTP
import Service
import Storage
import Values

/// How long a network stays known after the last login from it: 90 days.
private let knownSeconds: Int64 = 90 * 24 * 60 * 60
/// The most networks that are kept for an account; the one used longest ago is deleted first.
private let networksMax: Int64 = 20

/// A login or a password change that compares a password; it slows down guesses.
///
/// It counts failures for each pair of name and network, so that a stranger's guesses do not lock
/// out the owner. A second counter, with a far higher bound, counts the failures at a name from all
/// networks together. Networks from which the account has logged in before are exempt from it. It
/// limits a botnet, and never delays a known network.
///
/// The most wrong guesses at one name in the first 24 hours, and in each 24 hours after that:
/// - from one network: 5, then one after 1, 2, 4 … 512 s (10), then one in 15 minutes (94), in
///   total 109; then 96;
/// - from all unknown networks together: 100, then the same waits, in total 204; then 96. NIST SP
///   800-63B allows 100 consecutive failures.
struct PasswordAttempt: Sendable {
    let username: String
    /// The account's id; 0 if nobody has the name, so that both cases run the same statements.
    let customer: Int64
    let call: Call

    /// Keyed with the shop's present key.
    private let name: String
    private let network: String

    init(_ username: String, customer: Int64?, _ call: Call) {
        self.username = username
        self.customer = customer ?? 0
        self.call = call
        name = LoginDigest.name(username, call)
        network = LoginDigest.network(of: username, call)
    }

    /// Whether `guess` is the password of `hash`; it takes the same time if `hash` is nil.
    ///
    /// If it is, `second` decides. If that throws, for example because a code is missing, no failure
    /// is counted or forgotten.
    ///
    /// It reads the failures when the queue starts this guess. It commits each failure before the
    /// next guess at the same name starts. Concurrent guesses therefore gain nothing over
    /// sequential ones. A name without failures costs no write.
    ///
    /// - Throws: `Problem` 429 `login_locked`, 503 `unavailable` if the hash queue is full.
    func isRight(
        _ guess: String, for hash: String?, _ lane: HashQueue.Lane, second: () throws -> Bool
    ) throws -> Bool {
        let cost = call.shop.passwordCost
        return try queued(lane, key: name) {
            guard call.shop.throttlesLogins else {
                return try matches(guess, hash: hash, cost: cost) && second()
            }
            let isCounted = try claim()
            let isRight: Bool
            do {
                isRight = try matches(guess, hash: hash, cost: cost) && second()
            } catch {
                if isCounted { try call.commit { try ofNetwork.takeBack(in: $0) } }
                throw error
            }
            if isRight {
                if isCounted { try call.commit { try forgetFailures(in: $0) } }
            } else {
                try call.commit { try countFailure(isCounted: isCounted, in: $0) }
            }
            return isRight
        }
    }

    /// Counts a wrong guess; `isCounted` if `claim` has counted it for the network.
    func countFailure(isCounted: Bool = false, in tx: any Transaction) throws {
        guard call.shop.throttlesLogins else { return }
        if !isCounted { try ofNetwork.count(at: call.now, in: tx) }
        guard try !isFromKnownNetwork(in: tx) else { return }
        try FailureCounter(name: name, network: "", bound: .name).count(at: call.now, in: tx)
    }

    /// If the name has failed before, counts this guess as a failure before it is compared.
    ///
    /// The next guess then finds the lock, whatever the result of this one.
    ///
    /// - Returns: whether the guess was counted.
    private func claim() throws -> Bool {
        guard try call.read({ try !failures(in: $0).isEmpty }) else { return false }
        try call.commit { tx in
            try refuseWhileLocked(in: tx)
            try ofNetwork.count(at: call.now, in: tx)
        }
        return true
    }

    /// Rejects the request while the name is locked.
    ///
    /// - Throws: `Problem` 429 `login_locked` with `Retry-After`.
    func refuseWhileLocked(in tx: any Transaction) throws {
        guard call.shop.throttlesLogins else { return }
        let isKnown = try isFromKnownNetwork(in: tx)
        let locks = try failures(in: tx).filter { !($0.ofAllNetworks && isKnown) }
        guard let seconds = locks.secondsLocked(at: call.now) else { return }
        throw Problem(
            .tooManyRequests, "login_locked",
            "Too many failed logins. Retry after \(seconds) \(seconds == 1 ? "second" : "seconds").",
            fields: [.retryAfter: String(seconds)])
    }

    private func failures(in tx: any Transaction) throws -> [LoginFailures] {
        try LoginFailures.all(
            "name_digest = \(name) AND network_digest IN ('', \(network))", in: tx)
    }

    /// Deletes the failures of this network at this name, not those of other networks.
    private func forgetFailures(in tx: any Transaction) throws {
        try tx.run(
            """
            DELETE FROM login_failures WHERE name_digest = \(name) AND network_digest = \(network)
            """)
    }

    private var ofNetwork: FailureCounter {
        FailureCounter(name: name, network: network, bound: .network)
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

/// Returns the network of an address, in bytes.
///
/// That is an IPv4 address itself (/32), or the first 64 bits of an IPv6 address (/64), which is
/// what one subscriber gets (RFC 6177). An IPv4-mapped IPv6 address counts as IPv4. Other text,
/// such as `unix:`, is a network of its own.
func network(of address: String) -> [UInt8] {
    var v4 = in_addr()
    if inet_pton(AF_INET, address, &v4) == 1 { return withUnsafeBytes(of: v4) { Array($0) } }
    var v6 = in6_addr()
    guard inet_pton(AF_INET6, address, &v6) == 1 else { return Array(address.utf8) }
    let bytes = withUnsafeBytes(of: v6) { Array($0) }
    let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11] == [0xFF, 0xFF]
    return isMapped ? Array(bytes.suffix(4)) : Array(bytes.prefix(8))
}
