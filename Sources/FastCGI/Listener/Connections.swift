import CGlibc
import Glibc
import Synchronization
import Values

/// The connections that are open, so that they can be bounded and, at the end, given up.
///
/// The web server may send a request on an idle connection at any moment. Whoever closes one loses
/// that request, and a web server does not repeat a POST. So at the end each is dismissed instead,
/// and the web server is the one that closes it.
struct Connections: ~Copyable, Sendable {
    /// Readable once a connection has closed while there was no room for another.
    let room: Descriptor
    private let countMax: Int
    /// How long a peer may take to leave once it was dismissed.
    private let grace: Duration
    private let state = Mutex(State())
    private let count = Atomic(0)
    private let isClosing = Atomic(false)
    /// Who has each descriptor, by its number: each request comes by here twice, and a lock for all
    /// took a sixth of a small one's time.
    private let owners: DescriptorOwners

    private struct State {
        /// How often each descriptor is open.
        ///
        /// libfcgi closes a descriptor before we hear of it, so its number can be accepted anew
        /// before it is struck off here; a count is right in the end whichever comes first.
        var open: [Int32: Int] = [:]
        /// When each was dismissed for the first time.
        var dismissed: [Int32: ContinuousClock.Instant] = [:]
        var lastDismissal = ContinuousClock.now
    }

    init(countMax: Int, graceMs: Int) throws {
        self.countMax = countMax
        grace = .milliseconds(graceMs)
        owners = DescriptorOwners(countMax: countMax)
        let flags = Int32(EFD_CLOEXEC | EFD_NONBLOCK)
        room = try Descriptor(eventfd(0, flags), from: "open an eventfd")
    }

    /// Whether as many are open as may be.
    var isFull: Bool { countNow >= countMax }

    /// How many are open.
    var countNow: Int { count.load(ordering: .sequentiallyConsistent) }

    /// Notes a connection.
    /// - Returns: false where its number is beyond all that such a process should have.
    func opened(_ descriptor: Int32) -> Bool {
        guard owners.have(descriptor) else { return false }
        state.withLock {
            $0.open[descriptor, default: 0] += 1
            count.add(1, ordering: .relaxed)
            owners.release(descriptor)
        }
        return true
    }

    /// Notes that a worker has it.
    func taken(_ descriptor: Int32) {
        owners.take(descriptor)
    }

    /// Whether a connection that a worker has is to be closed at the end of the answer.
    ///
    /// At the bound, because one that is kept would keep its place from those that wait; and where
    /// a peer goes on long after it was dismissed. At first that is chance, on a crowded machine
    /// several times in a row: its request and the dismissal have crossed.
    func hasToGo(_ descriptor: Int32) -> Bool {
        if isFull { return true }
        guard isClosing.load(ordering: .relaxed) else { return false }
        return state.withLock {
            guard let dismissed = $0.dismissed[descriptor] else { return false }
            return ContinuousClock.now > dismissed + grace
        }
    }

    /// Notes that a worker has answered on it and it waits for its next request.
    func returned(_ descriptor: Int32) {
        owners.release(descriptor)
        // Whoever dismisses all has found it idle, or is seen here.
        if isClosing.load(ordering: .sequentiallyConsistent) { dismiss(descriptor) }
    }

    /// Strikes off a connection that is closed by now.
    func closed(_ descriptor: Int32) {
        state.withLock {
            $0.open[descriptor, default: 0] -= 1
            if $0.open[descriptor] == 0 {
                $0.open[descriptor] = nil
                $0.dismissed[descriptor] = nil
            }
            // Before the word, or whoever it wakes would still find it full.
            let before = count.subtract(1, ordering: .sequentiallyConsistent).oldValue
            if before >= countMax { eventfd_write(room.number, 1) }
        }
    }

    /// Makes `room` unreadable until the next time.
    func noticeRoom() {
        var count: eventfd_t = 0
        eventfd_read(room.number, &count)
    }

    /// Dismisses every connection: those that a worker has once they are `returned`.
    func dismissAll() {
        isClosing.store(true, ordering: .sequentiallyConsistent)
        for descriptor in state.withLock({ Array($0.open.keys) }) { dismiss(descriptor) }
    }

    /// Whether some worker still has one, or a peer that was dismissed may not have noticed yet.
    var areInUse: Bool {
        state.withLock {
            !$0.open.isEmpty
                && (!$0.open.keys.allSatisfy(owners.areIdle)
                    || ContinuousClock.now < $0.lastDismissal + grace)
        }
    }

    /// Closes what is open, once no worker is left to do so.
    func closeAll() {
        state.withLock {
            for descriptor in $0.open.keys { close(descriptor) }
            $0 = State()
            count.store(0, ordering: .relaxed)
        }
    }

    /// Asks the web server to use a connection no more, unless a worker has it.
    ///
    /// FastCGI has no word for that. This is a record of standard error without content, which says
    /// nothing and is passed over in front of an answer (FastCGI 1.0 §5.3). nginx closes an idle
    /// connection on which anything arrives, and throws an answer's away that more follows.
    private func dismiss(_ descriptor: Int32) {
        guard owners.takeIfIdle(descriptor) else { return }
        let record = RecordHeader.record(.standardError)
        // A peer that has gone, or has not read for long, need not be asked.
        _ = send(descriptor, record, record.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        owners.release(descriptor)
        state.withLock {
            $0.lastDismissal = .now
            if $0.dismissed[descriptor] == nil { $0.dismissed[descriptor] = $0.lastDismissal }
        }
    }
}

/// For each descriptor, whether somebody may write to it at this moment.
///
/// `@unchecked Sendable`: the pointer is never changed, and what it points at is atomic.
private final class DescriptorOwners: @unchecked Sendable {
    /// A process gets the lowest number that is free, and has few descriptors besides connections.
    private static let othersMax = 4096
    private let count: Int
    private let isHeld: UnsafeMutablePointer<Atomic<Bool>>

    init(countMax: Int) {
        count = countMax + DescriptorOwners.othersMax
        isHeld = .allocate(capacity: count)
        for index in 0..<count { (isHeld + index).initialize(to: Atomic(false)) }
    }

    deinit {
        isHeld.deinitialize(count: count)
        isHeld.deallocate()
    }

    func have(_ descriptor: Int32) -> Bool { descriptor < count }

    func areIdle(_ descriptor: Int32) -> Bool {
        !isHeld[Int(descriptor)].load(ordering: .sequentiallyConsistent)
    }

    func takeIfIdle(_ descriptor: Int32) -> Bool {
        !isHeld[Int(descriptor)].exchange(true, ordering: .sequentiallyConsistent)
    }

    /// Waits where it is being dismissed, which is one system call.
    func take(_ descriptor: Int32) {
        while !takeIfIdle(descriptor) { sched_yield() }
    }

    func release(_ descriptor: Int32) {
        isHeld[Int(descriptor)].store(false, ordering: .sequentiallyConsistent)
    }
}
