import Crypto
import Storage
import Synchronization
import Threads
public import Values

/// The secrets of a shop: one that signs, and former ones whose tokens have not all expired.
public final class KeyRing: Sendable {
    /// A secret, and for a former one the time until which it is good.
    public struct Key: Sendable {
        let secret: [UInt8]
        let until: Instant?

        /// Bytes of 256 bits or more (RFC 7518 §3.2).
        public init(secret: [UInt8], until: Instant? = nil) {
            self.secret = secret
            self.until = until
        }
    }

    private let keys: ReadWriteLocked<[Key]>
    /// When `changed` was last asked, in milliseconds.
    private let askedAt = Atomic<Int64>(.min)
    private let changed: @Sendable () -> [Key]?

    /// A ring, the key that signs first, that asks `changed` for other keys when a token fits none,
    /// and once a second in any case, so that a key which was taken away is soon good for nothing;
    /// nil says they are the same.
    public init(_ keys: [Key], changed: @escaping @Sendable () -> [Key]? = { nil }) {
        precondition(keys.first?.secret.count ?? 0 >= 32, "an HS256 key has 32 bytes or more")
        self.keys = ReadWriteLocked(keys)
        self.changed = changed
    }

    /// A ring whose keys stay as they are.
    public convenience init(_ secrets: [[UInt8]]) {
        self.init(secrets.map { Key(secret: $0) })
    }

    /// Signs, and has no end.
    var present: [UInt8] { keys.read { $0[0].secret } }

    /// All that are good at `now`, the one that signs first.
    func all(at now: Instant) -> [[UInt8]] {
        askAgain(at: now)
        return keys.read { $0 }.enumerated().compactMap { index, key in
            index == 0 || key.until.map { $0 > now } ?? true ? key.secret : nil
        }
    }

    /// Looks for a change, a second after the last look or later: each request comes by here, and
    /// the others only compare two numbers.
    private func askAgain(at now: Instant) {
        let now = now.milliseconds
        let last = askedAt.load(ordering: .relaxed)
        // Earlier, too: a clock that was put back must not stop the looking.
        guard now < last || now - 1000 >= last else { return }
        let isOurs = askedAt.compareExchange(
            expected: last, desired: now, ordering: .relaxed
        ).exchanged
        if isOurs { _ = reload() }
    }

    /// Takes over what has changed since.
    /// - Returns: whether anything has.
    func reload() -> Bool {
        guard let new = changed() else { return false }
        keys.change { $0 = new }
        return true
    }
}

/// The name under which a key is known: 16 digits, from which nothing of it can be told.
func keyID(of key: [UInt8]) -> String {
    String(Blake2b.hash(Array("key id".utf8), key: key, count: 16).hexadecimal.prefix(16))
}
