import CGlibc
import Glibc
import Synchronization
import Values

/// The open connections, which are limited in number and dismissed when the listener drains.
///
/// The web server may send a request on an idle connection at any moment. Closing the connection
/// would lose that request, and web servers do not retry a POST. Draining therefore dismisses each
/// connection: the web server is asked to close it.
struct Connections: ~Copyable, Sendable {
    /// Readable after a connection has closed at the limit.
    let room: Descriptor
    private let countMax: Int
    /// The time that a peer has to close its connection after the dismissal.
    private let grace: Duration
    private let state = Mutex(State())
    private let count = Atomic(0)
    private let isClosing = Atomic(false)
    /// The owner of each descriptor, by its number.
    ///
    /// Every request uses it twice; one lock for all descriptors took a sixth of the time of a
    /// small request.
    private let owners: DescriptorOwners

    private struct State {
        /// The number of open connections with each descriptor.
        ///
        /// libfcgi closes a descriptor before `closed` removes it here. Its number can be accepted
        /// again in between, so a count is correct in either order.
        var open: [Int32: Int] = [:]
        /// The time of the first dismissal of each descriptor.
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

    /// Whether the number of open connections has reached the limit.
    var isFull: Bool { countNow >= countMax }

    /// The number of open connections.
    var countNow: Int { count.load(ordering: .sequentiallyConsistent) }

    /// Adds a connection.
    /// - Returns: false if its number is above the limit for descriptors of this process.
    func opened(_ descriptor: Int32) -> Bool {
        guard owners.have(descriptor) else { return false }
        state.withLock {
            $0.open[descriptor, default: 0] += 1
            count.add(1, ordering: .relaxed)
            owners.release(descriptor)
        }
        return true
    }

    /// Marks the connection as owned by a worker.
    func taken(_ descriptor: Int32) {
        owners.take(descriptor)
    }

    /// Whether a worker must close its connection after the response.
    ///
    /// At the limit it must, so that a waiting connection gets the place. It also must if the peer
    /// still sends requests long after the dismissal. A first request after the dismissal is
    /// normal, because the two can cross; on a busy machine that can happen several times.
    func hasToGo(_ descriptor: Int32) -> Bool {
        if isFull { return true }
        guard isClosing.load(ordering: .relaxed) else { return false }
        return state.withLock {
            guard let dismissed = $0.dismissed[descriptor] else { return false }
            return ContinuousClock.now > dismissed + grace
        }
    }

    /// Marks the connection as idle after a response.
    func returned(_ descriptor: Int32) {
        owners.release(descriptor)
        // `dismissAll` either finds the connection idle or has set `isClosing` before this line.
        if isClosing.load(ordering: .sequentiallyConsistent) { dismiss(descriptor) }
    }

    /// Removes a connection that is already closed.
    func closed(_ descriptor: Int32) {
        state.withLock {
            $0.open[descriptor, default: 0] -= 1
            if $0.open[descriptor] == 0 {
                $0.open[descriptor] = nil
                $0.dismissed[descriptor] = nil
            }
            // Before signalling `room`: the thread that it wakes must see the free place.
            let before = count.subtract(1, ordering: .sequentiallyConsistent).oldValue
            if before >= countMax { eventfd_write(room.number, 1) }
        }
    }

    /// Makes `room` unreadable until a connection closes at the limit again.
    func noticeRoom() {
        var count: eventfd_t = 0
        eventfd_read(room.number, &count)
    }

    /// Dismisses every connection; one that a worker owns follows when it is `returned`.
    func dismissAll() {
        isClosing.store(true, ordering: .sequentiallyConsistent)
        for descriptor in state.withLock({ Array($0.open.keys) }) { dismiss(descriptor) }
    }

    /// Whether a worker owns a connection, or a dismissed peer is still within its grace period.
    var areInUse: Bool {
        state.withLock {
            !$0.open.isEmpty
                && (!$0.open.keys.allSatisfy(owners.areIdle)
                    || ContinuousClock.now < $0.lastDismissal + grace)
        }
    }

    /// Closes all open connections; no worker may be running.
    func closeAll() {
        state.withLock {
            for descriptor in $0.open.keys { close(descriptor) }
            $0 = State()
            count.store(0, ordering: .relaxed)
        }
    }

    /// Asks the web server to close a connection, unless a worker owns it.
    ///
    /// FastCGI has no message for that. This sends an empty record of standard error, which has no
    /// effect before a response (FastCGI 1.0 §5.3). nginx closes an idle connection on which data
    /// arrives. It also closes a connection on which data follows a response.
    private func dismiss(_ descriptor: Int32) {
        guard owners.takeIfIdle(descriptor) else { return }
        let record = RecordHeader.record(.standardError)
        // A failure is ignored: the peer has closed the connection or does not read.
        _ = send(descriptor, record, record.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        owners.release(descriptor)
        state.withLock {
            $0.lastDismissal = .now
            if $0.dismissed[descriptor] == nil { $0.dismissed[descriptor] = $0.lastDismissal }
        }
    }
}

/// Whether a worker owns each descriptor or it is being dismissed.
///
/// `@unchecked Sendable`: the pointer never changes, and its targets are atomic.
private final class DescriptorOwners: @unchecked Sendable {
    /// The largest number of descriptors besides connections.
    ///
    /// The system assigns the lowest free number, so the numbers stay small.
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

    /// Waits while the descriptor is being dismissed, which takes one system call.
    func take(_ descriptor: Int32) {
        while !takeIfIdle(descriptor) { sched_yield() }
    }

    func release(_ descriptor: Int32) {
        isHeld[Int(descriptor)].store(false, ordering: .sequentiallyConsistent)
    }
}
