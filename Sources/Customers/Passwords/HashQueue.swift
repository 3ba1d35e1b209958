import Glibc
import HTTP
import Service

/// A bounded queue for password hashing: first come first served, with a deadline.
///
/// - Only `slots` hashes run at a time, and only one for the same key.
/// - Logins and account changes (registration, password change) have a lane each. Changes use at
///   most half of the slots and half of the places, and a waiting login starts after at most one
///   change.
/// - One key holds at most a quarter of the places of its lane.
///
/// `@unchecked Sendable`: all state is accessed only while `mutex` is held.
final class HashQueue: @unchecked Sendable {
    /// Why a password is hashed.
    enum Lane {
        case login
        case change
    }

    /// One thread in the queue.
    ///
    /// The condition is signalled when its turn has come.
    private final class Ticket {
        let lane: Lane
        let key: String?
        let turn = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        var isRunning = false

        init(_ lane: Lane, key: String?) {
            self.lane = lane
            self.key = key
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(turn, &attributes)
            pthread_condattr_destroy(&attributes)
        }

        deinit {
            pthread_cond_destroy(turn)
            turn.deallocate()
        }
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let slots: Int
    private let changeSlots: Int
    private let places: Int
    private let deadlineMs: Int64
    /// In the order of arrival.
    private var waiting: [Ticket] = []
    private var running: [Ticket] = []
    private var lastStarted = Lane.login
    private var refusedCount = 0

    /// - Parameters:
    ///   - slots: hashes that run at the same time.
    ///   - places: requests that can wait.
    ///   - deadlineMs: the longest that one waits, in milliseconds.
    init(slots: Int, places: Int, deadlineMs: Int64) {
        self.slots = slots
        self.changeSlots = max(1, slots / 2)
        self.places = places
        self.deadlineMs = deadlineMs
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// How many hashes are running and waiting now, and how many were rejected since the start.
    var state: (running: Int, waiting: Int, refused: Int) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return (running.count, waiting.count, refusedCount)
    }

    /// Waits for a slot and runs `body` in it.
    ///
    /// `lane` decides which share of the queue is used. For each `key`, only one body runs at a
    /// time. A body without a key is independent of the others.
    ///
    /// - Throws: `Problem` 503 `unavailable` with `Retry-After` if the queue is full or the
    ///   deadline passes; otherwise the error of `body`.
    func run<T>(_ lane: Lane, key: String? = nil, _ body: () throws -> T) throws -> T {
        let ticket = Ticket(lane, key: key)
        try enter(ticket)
        defer { leave(ticket) }
        return try body()
    }

    private func enter(_ ticket: Ticket) throws {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        waiting.append(ticket)
        startNext()
        guard !ticket.isRunning else { return }
        guard hasPlace(for: ticket), wait(for: ticket) else {
            waiting.removeAll { $0 === ticket }
            refusedCount += 1
            throw Problem.unavailable("Too many passwords are being checked.")
        }
    }

    private func leave(_ ticket: Ticket) {
        pthread_mutex_lock(mutex)
        running.removeAll { $0 === ticket }
        startNext()
        pthread_mutex_unlock(mutex)
    }

    /// Whether the queue stays within its bounds with a ticket that was just added.
    private func hasPlace(for ticket: Ticket) -> Bool {
        let lanePlaces = ticket.lane == .login ? places : places / 2
        let lane = waiting.filter { $0.lane == ticket.lane }
        guard waiting.count <= places, lane.count <= lanePlaces else { return false }
        guard let key = ticket.key else { return true }
        return lane.count { $0.key == key } <= max(1, lanePlaces / 4)
    }

    /// Waits until the ticket may run.
    ///
    /// - Returns: false if the deadline passed first.
    private func wait(for ticket: Ticket) -> Bool {
        var end = timespec()
        clock_gettime(CLOCK_MONOTONIC, &end)
        let nanoseconds = end.tv_nsec + Int(deadlineMs % 1000) * 1_000_000
        end.tv_sec += Int(deadlineMs / 1000) + nanoseconds / 1_000_000_000
        end.tv_nsec = nanoseconds % 1_000_000_000
        while !ticket.isRunning {
            // The ticket may have been started at the moment of the timeout.
            if pthread_cond_timedwait(ticket.turn, mutex, &end) != 0 { return ticket.isRunning }
        }
        return true
    }

    /// Starts tickets, the oldest first, until the slots are in use.
    private func startNext() {
        while running.count < slots, let index = nextIndex() {
            let ticket = waiting.remove(at: index)
            ticket.isRunning = true
            running.append(ticket)
            lastStarted = ticket.lane
            pthread_cond_signal(ticket.turn)
        }
    }

    private func nextIndex() -> Int? {
        let first = waiting.firstIndex(where: canStart)
        guard lastStarted == .change else { return first }
        return waiting.firstIndex { $0.lane == .login && canStart($0) } ?? first
    }

    private func canStart(_ ticket: Ticket) -> Bool {
        if ticket.lane == .change, running.count(where: { $0.lane == .change }) >= changeSlots {
            return false
        }
        guard let key = ticket.key else { return true }
        return !running.contains { $0.key == key }
    }
}
