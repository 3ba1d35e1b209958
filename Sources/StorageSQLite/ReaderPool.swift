import Storage
import Synchronization

/// Connections that read, each lent to one thread at a time.
///
/// The last one given back goes out first: its page cache and its statements are warm, and the
/// others are not opened, or touched, until that many threads read at once.
final class ReaderPool: Sendable {
    private struct State {
        var idle: [Connection] = []
        var isClosed = false
    }

    private let settings: Settings
    private let state = Mutex(State())
    private let free: Semaphore

    /// A pool that has `first`.
    init(_ settings: Settings, first: Connection) {
        self.settings = settings
        free = Semaphore(settings.readersMax)
        state.withLock { $0.idle.append(first) }
    }

    /// Runs `body` on one snapshot.
    func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        guard free.wait(timeoutMs: settings.busyWaitMs) else { throw StoreError.busy }
        defer { free.signal() }
        let connection = try take()
        defer { giveBack(connection) }
        try connection.control.begin.run()
        do {
            let value = try body(connection)
            try connection.control.commit.run()
            return value
        } catch {
            connection.rollBack()
            throw error
        }
    }

    private func take() throws -> Connection {
        let idle = try state.withLock {
            guard !$0.isClosed else { throw StoreError.closed }
            return $0.idle.popLast()
        }
        return try idle ?? Connection(settings, role: .reader)
    }

    private func giveBack(_ connection: Connection) {
        connection.statements.report(to: settings.counts)
        guard !connection.isInTransaction else { return }
        state.withLock { if !$0.isClosed { $0.idle.append(connection) } }
    }

    /// How many are lent at this moment.
    var busy: Int { settings.readersMax - free.count }

    /// Closes what is idle now, and the others when they come back.
    func close() {
        // Moved out first: a connection that closes may copy the log into the file, and nobody
        // should wait for that with the lock.
        let idle = state.withLock {
            let idle = $0.idle
            $0 = State(isClosed: true)
            return idle
        }
        withExtendedLifetime(idle) {}
    }
}
