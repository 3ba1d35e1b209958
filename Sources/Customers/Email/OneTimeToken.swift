import Crypto
import HTTP
import Outbox
public import Service
public import Storage
public import Values

/// What a one-time token allows.
enum TokenPurpose: String, Sendable, Storable {
    case emailVerification = "email_verification"
    case passwordReset = "password_reset"

    /// The lifetime in seconds.
    fileprivate var lifetimeSeconds: Int64 {
        switch self {
        case .emailVerification: 24 * 60 * 60
        case .passwordReset: 15 * 60
        }
    }
}

/// The most messages with a token that an account gets in an hour, for each purpose.
let tokensPerHourMax: Int64 = 3

/// The time for which rows are kept, because they count for the hourly limit.
private let keptSeconds: Int64 = 24 * 60 * 60

/// A token of 256 random bits that can be used once; only its hash is stored.
struct OneTimeToken {
    let customer: Int64
    /// The address to which it was sent.
    let email: String

    /// Creates a token for `customer` and voids the earlier ones with the same purpose.
    /// - Returns: the token, encrypted for the courier.
    static func issue(
        for purpose: TokenPurpose, of customer: Int64, to email: String, by shop: Shop,
        at now: Instant, in tx: any Transaction
    ) throws -> SealedToken {
        let token = Base64URL.encode(randomBytes(32))
        try void(purpose, of: customer, at: now, in: tx)
        try tx.run(
            """
            DELETE FROM one_time_tokens
            WHERE customer_id = \(customer) AND created_at <= \(now.adding(seconds: -keptSeconds))
            """)
        let end = now.adding(seconds: purpose.lifetimeSeconds)
        try tx.run(
            """
            INSERT INTO one_time_tokens (hash, customer_id, purpose, email, created_at, expires_at)
            VALUES (\(hash(of: token)), \(customer), \(purpose), \(email), \(now), \(end))
            """)
        return SealedToken(box: sealedMailToken(token, by: shop, at: now), expiresAt: end)
    }

    /// Counts a message that is not sent, for `isAtLimit`; earlier tokens stay valid.
    static func countUnsent(
        _ purpose: TokenPurpose, of customer: Int64, to email: String, at now: Instant,
        in tx: any Transaction
    ) throws {
        let unknown = hash(of: Base64URL.encode(randomBytes(32)))
        try tx.run(
            """
            INSERT INTO one_time_tokens
                (hash, customer_id, purpose, email, created_at, expires_at, used_at)
            VALUES (\(unknown), \(customer), \(purpose), \(email), \(now), \(now), \(now))
            """)
    }

    /// Whether an account has got as many messages as it may get in an hour.
    ///
    /// The message that a registration sends does not count.
    static func isAtLimit(
        _ purpose: TokenPurpose, of customer: Int64, since registration: Instant, at now: Instant,
        in tx: any Transaction
    ) throws -> Bool {
        let last = try tx.first(
            """
            SELECT created_at FROM one_time_tokens
            WHERE customer_id = \(customer) AND purpose = \(purpose)
                AND created_at > \(now.adding(seconds: -60 * 60)) AND created_at <> \(registration)
            ORDER BY created_at LIMIT 1 OFFSET \(tokensPerHourMax - 1)
            """)
        return last != nil
    }

    /// The data of a token that can still be used, or nil.
    static func find(
        _ token: String, for purpose: TokenPurpose, at now: Instant, in tx: any Transaction
    ) throws -> OneTimeToken? {
        try tx.first(
            """
            SELECT customer_id, email FROM one_time_tokens
            WHERE hash = \(hash(of: token)) AND purpose = \(purpose) AND used_at IS NULL
                AND expires_at > \(now)
            """
        ).map(OneTimeToken.init)
    }

    /// Uses a token.
    /// - Returns: its data, or nil if it cannot be used any more.
    static func use(
        _ token: String, for purpose: TokenPurpose, at now: Instant, in tx: any Transaction
    ) throws -> OneTimeToken? {
        try tx.first(
            """
            UPDATE one_time_tokens SET used_at = \(now)
            WHERE hash = \(hash(of: token)) AND purpose = \(purpose) AND used_at IS NULL
                AND expires_at > \(now)
            RETURNING customer_id, email
            """
        ).map(OneTimeToken.init)
    }

    /// Makes the unused tokens of a customer unusable, of one purpose or of all.
    static func void(
        _ purpose: TokenPurpose? = nil, of customer: Int64, at now: Instant, in tx: any Transaction
    ) throws {
        let ofPurpose: SQL = purpose.map { "AND purpose = \($0)" } ?? ""
        try tx.run(
            """
            UPDATE one_time_tokens SET used_at = \(now)
            WHERE customer_id = \(customer) AND used_at IS NULL \(ofPurpose)
            """)
    }

    private init(_ row: Row) throws {
        customer = try row["customer_id"]
        email = try row["email"]
    }

    private static func hash(of token: String) -> String {
        Base64URL.encode(Blake2b.hash(Array(token.utf8)))
    }
}

/// Deletes one-time tokens that are older than a day, with the addresses in them.
///
/// - Returns: the number of deleted tokens, at most `limit`.
/// - Throws: `StoreError`.
public func pruneOneTimeTokens(at now: Instant, atMost limit: Int64, in tx: any Transaction) throws
    -> Int
{
    try tx.run(
        """
        DELETE FROM one_time_tokens WHERE hash IN (
            SELECT hash FROM one_time_tokens
            WHERE created_at <= \(now.adding(seconds: -keptSeconds))
            ORDER BY created_at LIMIT \(limit) \(.skipping)
        )
        """)
}

extension Check<String> {
    /// A one-time token as it was mailed.
    static let oneTimeToken = Check.line(1...200)
}

/// 422: a token that is unknown, used, expired or void; the answer does not say which.
let tokenInvalid = Problem(
    .unprocessableContent, "token_invalid",
    "The token is unknown, used or expired. Request a new message.")

private let mailTokenKey = "mail tokens"

/// Encrypts a token for the courier.
public func sealedMailToken(_ token: String, by shop: Shop, at now: Instant) -> String {
    Base64URL.encode(
        SecretBox.seal(Array(token.utf8), key: shop.keys(for: mailTokenKey, at: now)[0]))
}

/// The token that `sealedMailToken` has encrypted, or nil if no key of the shop opens it.
public func openedMailToken(_ token: SealedToken, by shop: Shop, at now: Instant) -> String? {
    guard let box = Base64URL.decode(token.box.utf8) else { return nil }
    for key in shop.keys(for: mailTokenKey, at: now) {
        if let token = SecretBox.open(box, key: key) {
            return String(decoding: token, as: UTF8.self)
        }
    }
    return nil
}
