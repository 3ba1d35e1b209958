import Glibc
import Logging

/// What the accepting thread does: let connections in and hand them to the workers.
///
/// A thread of its own, because in the ready set a new connection would queue behind the requests
/// twice, once to be accepted and once to be read: with 64 busy clients that was 2 s.
struct Acceptor {
    private let listener: Listener
    /// Whether the last try failed, which is then logged already.
    private var isFailing = false

    /// A socket that cannot be accepted from stays readable, so wait this long instead of spinning.
    private static let pauseMs: Int32 = 50

    init(for listener: Listener) {
        self.listener = listener
    }

    /// Accepts until the listener drains.
    mutating func run() {
        var pauseMs: Int32 = -1
        while true {
            // poll(2) skips negative descriptors: at the bound the backlog holds the rest.
            let isWaiting = pauseMs >= 0 || listener.connections.isFull
            var watched = [
                pollfd(fd: listener.stopAccepting.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: listener.connections.room.number, events: Int16(POLLIN), revents: 0),
                pollfd(
                    fd: isWaiting ? -1 : listener.socket.descriptor, events: Int16(POLLIN),
                    revents: 0),
            ]
            poll(&watched, 3, pauseMs)
            if watched[0].revents != 0 { return }
            if watched[1].revents != 0 { listener.connections.noticeRoom() }
            pauseMs = watched[2].revents != 0 && !accept() ? Self.pauseMs : -1
        }
    }

    /// Takes one connection from the backlog.
    /// - Returns: false where the next try would fail as well.
    private mutating func accept() -> Bool {
        let descriptor = Glibc.accept(listener.socket.descriptor, nil, nil)
        guard descriptor >= 0 else { return shouldTryAgain(errno) }
        isFailing = false
        prepare(descriptor)
        guard listener.connections.opened(descriptor) else {
            close(descriptor)
            return true
        }
        if !listener.ready.watch(descriptor) {
            close(descriptor)
            listener.connections.closed(descriptor)
        }
        return true
    }

    private mutating func shouldTryAgain(_ code: Int32) -> Bool {
        // The peer has gone before it was its turn: the next one is there already.
        if [EAGAIN, EINTR, ECONNABORTED].contains(code) { return true }
        listener.acceptHasFailed()
        // EMFILE, ENFILE, ENOMEM and whatever else accept(2) knows.
        if !isFailing {
            let reason = String(cString: strerror(code))
            listener.logger.error("cannot accept", metadata: ["error": "\(reason)"])
        }
        isFailing = true
        return false
    }

    private func prepare(_ descriptor: Int32) {
        // Blocking, as it is: libfcgi reads on until it has what it needs.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let configuration = listener.configuration
        setTimeout(SO_RCVTIMEO, configuration.receiveTimeoutMs, on: descriptor)
        setTimeout(SO_SNDTIMEO, configuration.sendTimeoutMs, on: descriptor)
        // An answer longer than libfcgi's 8 KiB buffer is several writes, and TCP would hold the
        // last one back for the peer's acknowledgement. On a unix socket this fails, and may.
        var isOn: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, size)
    }

    private func setTimeout(_ option: Int32, _ milliseconds: Int, on descriptor: Int32) {
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }
}
