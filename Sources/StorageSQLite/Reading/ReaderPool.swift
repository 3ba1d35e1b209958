import Storage
import Synchronization
import Threads

/// Connections that read, each lent to one thread at a time.
///
/// The first that is free goes out: its page cache and its statements are warm, and the others are
/// not opened, or touched, until that many threads read at once. Nobody waits for a lock to take
/// one: with a lock for all, the threads of two cores spent half of a small read's time on it.
final class ReaderPool: Sendable {
    private let settings: StoreSettings
    private let places: [Place]
    private let free: Semaphore
    private let isClosed = Atomic(false)

    /// A pool that has `first`.
    init(_ settings: StoreSettings, first: Connection) {
        self.settings = settings
        free = Semaphore(settings.readersMax)
        places = (0..<settings.readersMax).map { _ in Place() }
        places[0].connection = first
    }

    /// Runs `body` on one snapshot.
    func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        guard free.wait(timeoutMs: settings.busyWaitMs) else { throw StoreError.busy }
        defer { free.signal() }
        let place = takePlace()
        defer { leave(place) }
        guard !isClosed.load(ordering: .sequentiallyConsistent) else { throw StoreError.closed }
        let connection = try place.connection ?? Connection(settings, role: .reader)
        defer { keep(connection, at: place) }
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

    /// The semaphore lets no more in than there are places, so one is free, or about to be.
    private func takePlace() -> Place {
        while true {
            if let place = places.first(where: { $0.take() }) { return place }
        }
    }

    private func keep(_ connection: Connection, at place: Place) {
        connection.statements.report(to: settings.counts)
        place.connection = connection.isInTransaction ? nil : connection
    }

    private func leave(_ place: Place) {
        place.giveBack()
        // Whoever closes has passed this place by, or sees that it is free.
        if isClosed.load(ordering: .sequentiallyConsistent) { empty(place) }
    }

    /// Closes the connection at `place`, unless somebody is there.
    private func empty(_ place: Place) {
        guard place.take() else { return }
        place.connection = nil
        place.giveBack()
    }

    /// How many are lent at this moment.
    var busy: Int { settings.readersMax - free.count }

    /// Closes what is idle now, and the others when they come back.
    func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        places.forEach(empty)
    }
}

/// Where one connection is kept, for whoever has taken the place.
///
/// `@unchecked Sendable`: `isTaken` hands `connection` from one thread to the next.
private final class Place: @unchecked Sendable {
    private let isTaken = Atomic(false)
    var connection: Connection?

    /// - Returns: whether it was free, and is the caller's now.
    func take() -> Bool {
        guard !isTaken.load(ordering: .relaxed) else { return false }
        return !isTaken.exchange(true, ordering: .sequentiallyConsistent)
    }

    func giveBack() {
        isTaken.store(false, ordering: .sequentiallyConsistent)
    }
}
