import Storage
import Threads

/// Starts a thread of the store.
///
/// - Throws: `StoreError.unavailable` if the system cannot start one.
func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) throws -> Thread {
    do {
        return try Thread(named: name, body)
    } catch {
        throw StoreError.unavailable("\(error)")
    }
}
