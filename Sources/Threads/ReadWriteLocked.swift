public import Glibc

/// A value guarded by a read-write lock, for state that is often read and rarely changed.
///
/// Readers do not wait for each other (pthread_rwlock_rdlock(3)). Contending threads of a `Mutex`
/// spin while its holder is not running. Eight threads on two cores spent a tenth of a small
/// request on that.
///
/// `@unchecked Sendable`: `value` is accessed only while `lock` is held, and the address of `lock`
/// never changes.
public final class ReadWriteLocked<Value: Sendable>: @unchecked Sendable {
    @usableFromInline let lock: UnsafeMutablePointer<pthread_rwlock_t>
    @usableFromInline var value: Value

    /// Wraps `value` in a lock.
    public init(_ value: Value) {
        self.value = value
        lock = .allocate(capacity: 1)
        pthread_rwlock_init(lock, nil)
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    /// Runs `body` with the value while no thread changes it.
    @inlinable public func read<T>(_ body: (Value) throws -> T) rethrows -> T {
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        return try body(value)
    }

    /// Runs `body` with the value while no other thread reads or changes it.
    @inlinable public func change(_ body: (inout Value) -> Void) {
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        body(&value)
    }
}
