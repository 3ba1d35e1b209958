import CGlibc
import Glibc

/// The descriptors that workers wait for, each handed to one worker at a time (epoll(7),
/// EPOLLONESHOT).
///
/// A kept connection waits here and occupies no thread. Therefore 64 busy clients on 4 workers do
/// not block a 65th.
struct ReadySet: ~Copyable, Sendable {
    private let epoll: Descriptor

    init() throws {
        epoll = try Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), from: "open an epoll")
    }

    /// Hands `descriptor` out once when it is readable or its peer has closed it.
    /// - Returns: false if the kernel cannot watch another descriptor.
    func watch(_ descriptor: Int32) -> Bool {
        control(EPOLL_CTL_ADD, descriptor, Self.once)
    }

    /// Hands `descriptor` to every worker, repeatedly, once it is readable.
    func watchForAll(_ descriptor: Int32) -> Bool {
        control(EPOLL_CTL_ADD, descriptor, EPOLLIN.rawValue)
    }

    /// Hands `descriptor` out one more time.
    func watchAgain(_ descriptor: Int32) {
        _ = control(EPOLL_CTL_MOD, descriptor, Self.once)
    }

    /// Waits for the next descriptor.
    ///
    /// It takes only one: a second one would wait for the first while other workers are idle.
    func next() -> Int32 {
        var event = epoll_event()
        while epoll_wait(epoll.number, &event, 1, -1) != 1 {}
        return event.data.fd
    }

    /// A descriptor that is ready now, other than `ignored`.
    func nextWithoutWaiting(besides ignored: Int32) -> Int32? {
        // Fetches two, because `ignored` may come first. If both are others, one is put back.
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 2) { events in
            let count = max(0, epoll_wait(epoll.number, events.baseAddress, 2, 0))
            var found: Int32?
            for event in events.prefix(Int(count)) where event.data.fd != ignored {
                if found == nil { found = event.data.fd } else { watchAgain(event.data.fd) }
            }
            return found
        }
    }

    private static let once = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue

    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32) -> Bool {
        var event = epoll_event(events: events, data: epoll_data_t(fd: descriptor))
        return epoll_ctl(epoll.number, operation, descriptor, &event) == 0
    }
}
