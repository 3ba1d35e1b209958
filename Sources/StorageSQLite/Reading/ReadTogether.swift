import Glibc
public import Storage
import Synchronization
import Threads

extension SQLiteStore {
    /// Runs `bodies` in their order, several at once, each on a connection and a thread of its own,
    /// and all on one snapshot.
    ///
    /// It is for who goes through all of a large file: each connection has the cache of this store
    /// and maps nothing, so that the memory it takes is bounded.
    /// - Parameters:
    /// - bodies: what is to be read; what takes longest had better come first.
    /// - atOnce: how many threads at most; each of them has a cache.
    /// - afterEach: gets how many of them are done, on any thread, one at a time.
    /// - Returns: what they return, in their order.
    /// - Throws: the first thing that one of them throws; none begins after that.
    public func readTogether<T: Sendable>(
        _ bodies: [@Sendable (any Transaction) throws -> T], atOnce: Int,
        afterEach: @escaping @Sendable (Int) -> Void = { _ in }
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

    /// Connections that see the same: while they begin, nobody commits.
    ///
    /// One alone where somebody keeps the database locked: it sees what it sees, and need not wait.
    private func snapshots(_ count: Int) throws -> [Connection] {
        // A file that this store may not write is one that nobody writes.
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
            // BEGIN alone takes no snapshot: the first statement that reads does.
            try Statement("SELECT COUNT(*) FROM sqlite_schema", on: connection.handle).run()
            return connection
        }
    }

    /// How long to wait for a moment without commits.
    private static let lockMs: Int64 = 500
}
