public import Storage
import Synchronization
import Threads

extension PostgresStore {
    /// Runs `bodies` concurrently on one snapshot, each in a transaction of its own.
    ///
    /// One connection exports its snapshot, and keeps it until the last body has ended. A standby
    /// does so too.
    /// https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
    public func readTogether<T: Sendable>(
        _ bodies: [@Sendable (any Transaction) throws -> T], atOnce: Int,
        afterEach: @escaping @Sendable (Int) -> Void
    ) throws -> [T] {
        let count = max(1, min(atOnce, bodies.count))
        let pool = try ConnectionPool(settings.forWholeTables(connectionsMax: count + 1))
        defer { pool.close() }
        let exporter = try PostgresTransaction(
            pool, isWrite: false, until: nil, begin: [.snapshotRead])
        defer { exporter.endRead() }
        let name: String? = try exporter.first("SELECT pg_export_snapshot() AS name")?["name"]
        guard let name else { throw StoreError.misuse("The server exported no snapshot.") }
        let state = Mutex((next: 0, done: 0, results: [Int: Result<T, any Error>]()))
        try onThreads(count, named: "souk-reader") { _ in
            while true {
                let next = state.withLock {
                    $0.next += 1
                    return $0.next - 1
                }
                guard next < bodies.count else { return }
                let result = Result { try readSnapshot(bodies[next], of: name, on: pool) }
                state.withLock {
                    $0.results[next] = result
                    if case .failure = result { $0.next = bodies.count }
                    $0.done += 1
                    afterEach($0.done)
                }
            }
        }
        let results = state.withLock(\.results)
        for case .failure(let error) in results.values {
            // If a standby has ended this connection, its reason explains the others' errors.
            try exporter.run("SELECT 1 AS n")
            throw error
        }
        return try bodies.indices.compactMap { try results[$0]?.get() }
    }
}

/// Runs `body` on the snapshot `name`.
private func readSnapshot<T>(
    _ body: (any Transaction) throws -> T, of name: String, on pool: ConnectionPool
) throws -> T {
    let transaction = try PostgresTransaction(
        pool, isWrite: false, until: nil,
        begin: [.snapshotRead])
    defer { transaction.abandon() }
    // A failure here is not one of a statement of `body`.
    try transaction.perform(.once("SET TRANSACTION SNAPSHOT '\(name)'", []))
    return try transaction.read(body)
}

extension QueuedStatement {
    /// Begins a read that a sync does not end.
    fileprivate static let snapshotRead = QueuedStatement.prepared(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", by: .store)
}
