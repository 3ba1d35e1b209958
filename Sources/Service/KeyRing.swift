public import Storage
import Synchronization

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

    private let keys: Mutex<[Key]>
    private let changed: @Sendable () -> [Key]?

    /// A ring, the key that signs first, that asks `changed` for other keys when a token fits none;
    /// nil says they are the same.
    public init(_ keys: [Key], changed: @escaping @Sendable () -> [Key]? = { nil }) {
        precondition(keys.first?.secret.count ?? 0 >= 32, "an HS256 key has 32 bytes or more")
        self.keys = Mutex(keys)
        self.changed = changed
    }

    /// A ring whose keys stay as they are.
    public convenience init(_ secrets: [[UInt8]]) {
        self.init(secrets.map { Key(secret: $0) })
    }

    /// Signs, and has no end.
    var present: [UInt8] { keys.withLock { $0[0].secret } }

    /// All that are good at `now`, the one that signs first.
    func all(at now: Instant) -> [[UInt8]] {
        keys.withLock { keys in
            keys.enumerated().filter { index, key in
                index == 0 || key.until.map { $0 > now } ?? true
            }.map(\.element.secret)
        }
    }

    /// Takes over what has changed since.
    /// - Returns: whether anything has.
    func reload() -> Bool {
        guard let new = changed() else { return false }
        keys.withLock { $0 = new }
        return true
    }
}
