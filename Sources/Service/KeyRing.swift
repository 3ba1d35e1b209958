import Synchronization

/// The secrets of a shop: one that signs, and former ones whose tokens have not all expired.
public final class KeyRing: Sendable {
    /// Bytes of 256 bits or more each (RFC 7518 §3.2), the one that signs first.
    public typealias Keys = [[UInt8]]

    private let keys: Mutex<Keys>
    private let changed: @Sendable () -> Keys?

    /// A ring that asks `changed` for other keys when a token fits none; nil says they are the
    /// same.
    public init(_ keys: Keys, changed: @escaping @Sendable () -> Keys? = { nil }) {
        precondition(keys.first?.count ?? 0 >= 32, "an HS256 key has 32 bytes or more")
        self.keys = Mutex(keys)
        self.changed = changed
    }

    /// All of them, the one that signs first.
    var all: Keys { keys.withLock { $0 } }

    /// Takes over what has changed since.
    /// - Returns: whether anything has.
    func reload() -> Bool {
        guard let new = changed() else { return false }
        keys.withLock { $0 = new }
        return true
    }
}
