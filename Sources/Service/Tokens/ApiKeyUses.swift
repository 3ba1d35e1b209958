import Synchronization
import Values

/// Decides when the last use of an API key is stored: at most once a minute for each key.
///
/// A request with a key, which may only read, thus costs one extra write a minute in each
/// responder, after its own transaction.
final class ApiKeyUses: Sendable {
    /// The number of keys at which the memory is cleared, about 300 KB.
    private static let countMax = 4096

    /// The minute of the last attempt, by the public prefix of the key.
    private let minutes = Mutex<[String: Instant]>([:])

    /// Whether the use of a key at `minute` is the first of that minute.
    ///
    /// It is true only once, even if the write then fails. A locked database therefore delays at
    /// most one request a minute.
    func isFirst(of key: ApiKey, at minute: Instant) -> Bool {
        minutes.withLock {
            guard $0[key.prefix] != minute else { return false }
            if $0.count >= ApiKeyUses.countMax { $0.removeAll(keepingCapacity: true) }
            $0[key.prefix] = minute
            return true
        }
    }
}

extension Instant {
    /// The start of the minute.
    var startOfMinute: Instant {
        Instant(milliseconds: milliseconds - milliseconds % 60_000)
    }
}
