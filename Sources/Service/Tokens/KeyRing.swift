import Crypto
import Storage
import Synchronization
import Threads
public import Values

/// The secrets of a shop: the current one that signs, and former ones that still verify.
public final class KeyRing: Sendable {
    /// A secret, and the expiry time of a former one.
    public struct Key: Sendable {
        let secret: [UInt8]
        let until: Instant?

        /// Creates a key from at least 256 bits (RFC 7518 §3.2).
        public init(secret: [UInt8], until: Instant? = nil) {
            self.secret = secret
            self.until = until
        }
    }

    private let keys: ReadWriteLocked<[Key]>
    /// The time of the last call of `changed`, in milliseconds.
    private let askedAt = Atomic<Int64>(.min)
    private let changed: @Sendable () -> [Key]?

    /// Creates a ring of keys, of which the first one signs.
    ///
    /// `changed` returns other keys, or nil if they are unchanged. The ring calls it if a token
    /// matches no key. It also calls it about once a second, so that a removed key soon becomes
    /// invalid.
    public init(_ keys: [Key], changed: @escaping @Sendable () -> [Key]? = { nil }) {
        precondition(keys.first?.secret.count ?? 0 >= 32, "an HS256 key has 32 bytes or more")
        self.keys = ReadWriteLocked(keys)
        self.changed = changed
    }

    /// Creates a ring whose keys do not change.
    public convenience init(_ secrets: [[UInt8]]) {
        self.init(secrets.map { Key(secret: $0) })
    }

    /// The key that signs, which never expires.
    var present: [UInt8] { keys.read { $0[0].secret } }

    /// All keys that are valid at `now`, the signing one first.
    func all(at now: Instant) -> [[UInt8]] {
        askAgain(at: now)
        return keys.read { $0 }.enumerated().compactMap { index, key in
            index == 0 || key.until.map { $0 > now } ?? true ? key.secret : nil
        }
    }

    /// Checks for changed keys at most once a second.
    ///
    /// Every request calls this; most calls only compare two numbers.
    private func askAgain(at now: Instant) {
        let now = now.milliseconds
        let last = askedAt.load(ordering: .relaxed)
        // `now < last` also checks, so that a clock that was set back does not stop the checks.
        guard now < last || now - 1000 >= last else { return }
        let isOurs = askedAt.compareExchange(
            expected: last, desired: now, ordering: .relaxed
        ).exchanged
        if isOurs { _ = reload() }
    }

    /// Loads changed keys.
    /// - Returns: whether the keys have changed.
    func reload() -> Bool {
        guard let new = changed() else { return false }
        keys.change { $0 = new }
        return true
    }
}

/// The public id of a key: 16 hexadecimal digits that reveal nothing about the key.
func keyID(of key: [UInt8]) -> String {
    String(Blake2b.hash(Array("key id".utf8), key: key, count: 16).hexadecimal.prefix(16))
}
