import CFastCGI
import Glibc
import Synchronization

/// The connections that are open, so that they can be bounded and, at the end, closed.
struct Connections: ~Copyable, Sendable {
    /// Readable once a connection has closed while there was no room for another.
    let room: Descriptor
    private let countMax: Int
    /// How often each descriptor is open.
    ///
    /// libfcgi closes a descriptor before we hear of it, so its number can be accepted anew before
    /// it is struck off here; a count is right in the end whichever comes first.
    private let open = Mutex<(descriptors: [Int32: Int], count: Int)>(([:], 0))

    init(countMax: Int) throws {
        self.countMax = countMax
        let flags = Int32(EFD_CLOEXEC | EFD_NONBLOCK)
        room = try Descriptor(eventfd(0, flags), from: "open an eventfd")
    }

    /// Whether as many are open as may be.
    var isFull: Bool { open.withLock { $0.count >= countMax } }

    /// How many are open.
    var countNow: Int { open.withLock { $0.count } }

    /// Notes a connection.
    func opened(_ descriptor: Int32) {
        open.withLock {
            $0.descriptors[descriptor, default: 0] += 1
            $0.count += 1
        }
    }

    /// Strikes off a connection that is closed by now.
    func closed(_ descriptor: Int32) {
        open.withLock {
            $0.descriptors[descriptor, default: 0] -= 1
            if $0.descriptors[descriptor] == 0 { $0.descriptors[descriptor] = nil }
            if $0.count == countMax { eventfd_write(room.number, 1) }
            $0.count -= 1
        }
    }

    /// Makes `room` unreadable until the next time.
    func noticeRoom() {
        var count: eventfd_t = 0
        eventfd_read(room.number, &count)
    }

    /// Closes what is open, once no worker is left to do so.
    func closeAll() {
        open.withLock {
            for descriptor in $0.descriptors.keys { close(descriptor) }
            $0 = ([:], 0)
        }
    }
}
