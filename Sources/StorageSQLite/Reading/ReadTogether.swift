import Glibc
public import Storage
import Synchronization
import Threads

extension SQLiteStore {
    /// Runs `bodies` concurrently on one snapshot, each on its own connection and thread.
    ///
    /// It is for commands that read a large file completely. Each connection has a page cache of
    /// its own and maps nothing, which bounds the memory.
    ///
    /// - Parameters:
    ///   - bodies: the reads, started in this order. Put the longest ones first.
    ///   - atOnce: the most threads that run at once. Each has a page cache.
    ///   - afterEach: called with the number of finished bodies, on any thread, one call at a time.
    /// - Returns: the results, in the order of `bodies`.
    /// - Throws: the first error that a body throws. No body starts after that.
    public func readTogether<T: Sendable>(
        _ bodies: [@Sendable (any Transaction) throws -> T], atOnce: Int,
        afterEach: @escaping @Sendable (Int) -> Void
    ) throws -> [T] {
        let connections = try snapshots(min(atOnce, bodies.count))
        let state = Mutex((next: 0, done: 0, results: [Int: Result<T, any Error>]()))
        try onThreads(connections.count, named: "souk-reader") { number in
            while true {
                let next = state.withLock {
                    $0.next += 1
                    return $0.next - 1
                }
                guard next < bodies.count else { return }
                let result = Result { try bodies[next](connections[number]) }
                state.withLock {
                    $0.results[next] = result
                    if case .failure = result { $0.next = bodies.count }
                    $0.done += 1
                    afterEach($0.done)
                }
            }
        }
        let results = state.withLock(\.results)
        for case .failure(let error) in results.values { throw error }
        return try bodies.indices.compactMap { try results[$0]?.get() }
    }

    /// Opens connections that see the same snapshot, while the write lock keeps others from
    /// committing.
    ///
    /// If another process holds the write lock for too long, it opens only one connection, which
    /// needs no lock.
    private func snapshots(_ count: Int) throws -> [Connection] {
        // Nobody writes a file that this store opens read-only.
        let writer = settings.readOnly ? nil : try Connection(settings, role: .writer)
        defer { writer?.rollBack() }
        var isLocked = false
        do {
            writer?.handle.busyWait.deadlineMs = monotonicMs() + SQLiteStore.lockMs
            try writer?.control.begin.run()
        } catch StoreError.busy {
            isLocked = true
        }
        return try (0..<(isLocked ? 1 : count)).map { _ in
            let connection = try Connection(settings, role: .reader)
            try Statement("PRAGMA mmap_size = 0", on: connection.handle).run()
            try connection.control.begin.run()
            // BEGIN takes no snapshot; the first statement that reads does.
            try Statement("SELECT COUNT(*) FROM sqlite_schema", on: connection.handle).run()
            return connection
        }
    }

    /// How long to wait for the write lock, in milliseconds.
    private static let lockMs: Int64 = 500
}
