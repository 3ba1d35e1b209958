import Storage
import Synchronization
import Threads

/// Connections for reads, each lent to one thread at a time.
///
/// A read gets the first free connection, because its page cache and statements are warm. The
/// others stay closed until that many threads read at once. Taking a connection needs no mutex: one
/// mutex for all took half the time of a small read on two cores.
final class ReaderPool: Sendable {
    private let settings: StoreSettings
    private let places: [Place]
    private let free: Semaphore
    private let isClosed = Atomic(false)

    /// Creates a pool with one open connection.
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

    /// Takes a free place.
    ///
    /// The semaphore admits no more threads than there are places, so one is free or about to be.
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
        // `close` has already passed this place, or it sees that the place is free.
        if isClosed.load(ordering: .sequentiallyConsistent) { empty(place) }
    }

    /// Closes the connection at `place`, unless a thread uses it.
    private func empty(_ place: Place) {
        guard place.take() else { return }
        place.connection = nil
        place.giveBack()
    }

    /// The number of connections that are lent now.
    var busy: Int { settings.readersMax - free.count }

    /// Closes the idle connections now, and each of the others when it is returned.
    func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        places.forEach(empty)
    }
}

/// A slot for one connection, used by the thread that has taken it.
///
/// `@unchecked Sendable`: `isTaken` passes `connection` from one thread to the next.
private final class Place: @unchecked Sendable {
    private let isTaken = Atomic(false)
    var connection: Connection?

    /// Takes the place if it is free, and returns whether it was.
    func take() -> Bool {
        guard !isTaken.load(ordering: .relaxed) else { return false }
        return !isTaken.exchange(true, ordering: .sequentiallyConsistent)
    }

    func giveBack() {
        isTaken.store(false, ordering: .sequentiallyConsistent)
    }
}
