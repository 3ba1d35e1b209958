import Crypto
import Service
import Storage
import Values

/// The most verification messages to an address in an hour and in a day, from all accounts together.
private let (hourlyMax, dailyMax): (Int64, Int64) = (5, 20)

/// The most old rows that a message deletes, of any address.
private let prunedMax: Int64 = 10

/// Limits the verification messages to an address, which may be a stranger's.
///
/// The limit of an account is not enough, because anybody can register more accounts. Rows have a
/// keyed digest of the address. They survive the erasure of the account, and are deleted after a day.
enum VerificationLimit {
    /// Counts a message to an address; false if it has got as many as it may.
    static func allows(
        _ address: String, by shop: Shop, at now: Instant, in tx: any Transaction
    ) throws -> Bool {
        let digest = digest(of: address, by: shop, at: now)
        // Concurrent messages do not see each other.
        try tx.lock("verifications of the address \(digest)")
        let day = now.adding(seconds: -24 * 60 * 60)
        try tx.run(
            """
            DELETE FROM verification_mails WHERE id IN (
                SELECT id FROM verification_mails WHERE sent_at <= \(day)
                ORDER BY sent_at, id LIMIT \(prunedMax) \(.skipping)
            )
            """)
        guard
            try !isReached(hourlyMax, digest, since: now.adding(seconds: -60 * 60), in: tx),
            try !isReached(dailyMax, digest, since: day, in: tx)
        else { return false }
        try tx.run(
            """
            INSERT INTO verification_mails (address_digest, sent_at) VALUES (\(digest), \(now))
            """)
        return true
    }

    private static func isReached(
        _ count: Int64, _ digest: String, since: Instant, in tx: any Transaction
    ) throws -> Bool {
        let row = try tx.first(
            """
            SELECT sent_at FROM verification_mails
            WHERE address_digest = \(digest) AND sent_at > \(since)
            ORDER BY sent_at DESC LIMIT 1 OFFSET \(count - 1)
            """)
        return row != nil
    }

    /// Addresses that differ in case, or in what follows `+`, have one mailbox.
    private static func digest(of address: String, by shop: Shop, at now: Instant) -> String {
        let parts = emailKey(address).split(separator: "@", omittingEmptySubsequences: false)
        let mailbox = "\(parts[0].prefix { $0 != "+" })@\(parts.last ?? "")"
        let key = shop.keys(for: "verification mails", at: now)[0]
        return Base64URL.encode(Blake2b.hash(Array(mailbox.utf8), key: key))
    }
}
