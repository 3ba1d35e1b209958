import Storage
import Synchronization
import Threads

/// Connections, each lent to one thread at a time.
///
/// A call gets the connection that was used last, because its statements are prepared.
final class ConnectionPool: Sendable {
    let settings: PostgresSettings
    private let idle = Mutex<[PostgresConnection]>([])
    private let free: Semaphore
    private let isClosed = Atomic(false)

    /// How long a connection is kept, so that all of them follow a change of servers in time.
    private static let ageMaxMs: Int64 = 30 * 60 * 1000

    /// Creates a pool with one open connection.
    ///
    /// - Throws: `StoreError.unavailable` if it cannot be opened.
    init(_ settings: PostgresSettings) throws {
        self.settings = settings
        free = Semaphore(settings.connectionsMax)
        let first = try PostgresConnection(settings)
        idle.withLock { $0.append(first) }
    }

    /// The number of connections that are lent now.
    var busy: Int { settings.connectionsMax - free.count }

    /// Lends a connection to the calling thread.
    ///
    /// - Throws: `StoreError.busy` if none is free until the deadline, or `StoreError.unavailable`
    ///   if the server cannot be reached.
    func take(until deadlineMs: Int64?) throws -> PostgresConnection {
        let waitMs = deadlineMs.map { max(0, $0 - monotonicMs()) } ?? settings.busyWaitMs
        guard free.wait(timeoutMs: waitMs) else { throw StoreError.busy }
        do {
            return try connection()
        } catch {
            free.signal()
            throw error
        }
    }

    /// Takes back a connection.
    func giveBack(_ connection: PostgresConnection) {
        connection.statements.report(to: settings.counts)
        keep(connection)
        free.signal()
    }

    /// Takes back a broken connection and lends another one.
    func replace(_ broken: PostgresConnection) throws -> PostgresConnection {
        broken.statements.report(to: settings.counts)
        discardIdle()
        do {
            return try connection()
        } catch {
            free.signal()
            throw error
        }
    }

    /// Closes the idle connections: after one of them broke, the others are likely to be broken.
    func discardIdle() {
        // The connections close after the lock is released.
        let discarded = idle.withLock { idle in
            defer { idle = [] }
            return idle
        }
        withExtendedLifetime(discarded) {}
    }

    /// Closes the idle connections now, and each of the others when it is returned.
    func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        discardIdle()
    }

    private func connection() throws -> PostgresConnection {
        guard !isClosed.load(ordering: .sequentiallyConsistent) else { throw StoreError.closed }
        while let kept = idle.withLock({ $0.popLast() }) {
            if kept.isOpen { return kept }
        }
        return try PostgresConnection(settings)
    }

    private func keep(_ connection: PostgresConnection) {
        guard !connection.isBroken, monotonicMs() - connection.openedMs < ConnectionPool.ageMaxMs
        else { return }
        idle.withLock { $0.append(connection) }
        // `close` has already emptied the pool, or it will see this connection.
        if isClosed.load(ordering: .sequentiallyConsistent) { discardIdle() }
    }
}
