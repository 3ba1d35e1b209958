import CFastCGI
import Glibc
import Synchronization

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

    private struct State {
        /// How often each descriptor is open.
        ///
        /// libfcgi closes a descriptor before we hear of it, so its number can be accepted anew
        /// before it is struck off here; a count is right in the end whichever comes first.
        var open: [Int32: Int] = [:]
        var count = 0
        /// Those that no worker has.
        var idle: Set<Int32> = []
        var isClosing = false
        /// When each was dismissed for the first time.
        var dismissed: [Int32: ContinuousClock.Instant] = [:]
        var lastDismissal = ContinuousClock.now
    }

    init(countMax: Int, graceMs: Int) throws {
        self.countMax = countMax
        grace = .milliseconds(graceMs)
        let flags = Int32(EFD_CLOEXEC | EFD_NONBLOCK)
        room = try Descriptor(eventfd(0, flags), from: "open an eventfd")
    }

    /// Whether as many are open as may be.
    var isFull: Bool { state.withLock { $0.count >= countMax } }

    /// How many are open.
    var countNow: Int { state.withLock { $0.count } }

    /// Notes a connection.
    func opened(_ descriptor: Int32) {
        state.withLock {
            $0.open[descriptor, default: 0] += 1
            $0.count += 1
            $0.idle.insert(descriptor)
        }
    }

    /// Notes that a worker has it.
    func taken(_ descriptor: Int32) {
        state.withLock { _ = $0.idle.remove(descriptor) }
    }

    /// Whether a connection that a worker has is to be closed at the end of the answer.
    ///
    /// At the bound, because one that is kept would keep its place from those that wait; and where
    /// a peer goes on long after it was dismissed. At first that is chance, on a crowded machine
    /// several times in a row: its request and the dismissal have crossed.
    func hasToGo(_ descriptor: Int32) -> Bool {
        state.withLock {
            if $0.count >= countMax { return true }
            guard let dismissed = $0.dismissed[descriptor] else { return false }
            return ContinuousClock.now > dismissed + grace
        }
    }

    /// Notes that a worker has answered on it and it waits for its next request.
    func returned(_ descriptor: Int32) {
        state.withLock {
            $0.idle.insert(descriptor)
            if $0.isClosing { Self.dismiss(descriptor, &$0) }
        }
    }

    /// Strikes off a connection that is closed by now.
    func closed(_ descriptor: Int32) {
        state.withLock {
            $0.open[descriptor, default: 0] -= 1
            if $0.open[descriptor] == 0 {
                $0.open[descriptor] = nil
                $0.idle.remove(descriptor)
                $0.dismissed[descriptor] = nil
            }
            if $0.count == countMax { eventfd_write(room.number, 1) }
            $0.count -= 1
        }
    }

    /// Makes `room` unreadable until the next time.
    func noticeRoom() {
        var count: eventfd_t = 0
        eventfd_read(room.number, &count)
    }

    /// Dismisses every connection: those that a worker has once they are `returned`.
    func dismissAll() {
        state.withLock {
            $0.isClosing = true
            for descriptor in $0.idle { Self.dismiss(descriptor, &$0) }
        }
    }

    /// Whether some worker still has one, or a peer that was dismissed may not have noticed yet.
    var areInUse: Bool {
        state.withLock {
            $0.count > 0
                && ($0.count > $0.idle.count || ContinuousClock.now < $0.lastDismissal + grace)
        }
    }

    /// Closes what is open, once no worker is left to do so.
    func closeAll() {
        state.withLock {
            for descriptor in $0.open.keys { close(descriptor) }
            $0 = State()
        }
    }

    /// Asks the web server to use an idle connection no more.
    ///
    /// FastCGI has no word for that. This is a record of standard error without content, which says
    /// nothing and is passed over in front of an answer (FastCGI 1.0 §5.3). nginx closes an idle
    /// connection on which anything arrives, and throws an answer's away that more follows.
    private static func dismiss(_ descriptor: Int32, _ state: inout State) {
        let record: [UInt8] = [1, 7, 0, 1, 0, 0, 0, 0]
        // A peer that has gone, or has not read for long, need not be asked.
        _ = send(descriptor, record, record.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        state.lastDismissal = .now
        if state.dismissed[descriptor] == nil { state.dismissed[descriptor] = state.lastDismissal }
    }
}
