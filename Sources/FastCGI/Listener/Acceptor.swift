import Glibc
import Logging

/// The accepting thread: accepts connections and hands them to the workers.
///
/// It has a thread of its own. In the ready set, a new connection would queue after other requests
/// twice: to be accepted and to be read. With 64 busy clients that took 2 s.
struct Acceptor {
    private let listener: Listener
    /// Whether the last attempt failed, so that a failure is logged once.
    private var isFailing = false

    /// The pause after a failed accept in milliseconds.
    ///
    /// The socket stays readable, so retrying at once would spin.
    private static let pauseMs: Int32 = 50

    init(for listener: Listener) {
        self.listener = listener
    }

    /// Accepts connections until the listener drains.
    mutating func run() {
        var pauseMs: Int32 = -1
        while true {
            // poll(2) ignores negative descriptors. At the limit, new connections stay in the
            // backlog.
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

    /// Accepts one connection from the backlog.
    /// - Returns: false if the next attempt would fail as well.
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
        // The peer closed the connection before it was accepted, or a signal interrupted the call.
        if [EAGAIN, EINTR, ECONNABORTED].contains(code) { return true }
        listener.acceptHasFailed()
        // EMFILE, ENFILE, ENOMEM and the other errors of accept(2).
        if !isFailing {
            let reason = String(cString: strerror(code))
            listener.logger.error("cannot accept", metadata: ["error": "\(reason)"])
        }
        isFailing = true
        return false
    }

    private func prepare(_ descriptor: Int32) {
        // The connection stays blocking, because libfcgi reads until it has what it needs.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let configuration = listener.configuration
        setTimeout(SO_RCVTIMEO, configuration.receiveTimeoutMs, on: descriptor)
        setTimeout(SO_SNDTIMEO, configuration.sendTimeoutMs, on: descriptor)
        // A response longer than the 8 KiB buffer of libfcgi needs several writes. Without
        // TCP_NODELAY the last one would wait for an acknowledgement. On a unix socket the call
        // fails harmlessly.
        var isOn: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, size)
    }

    private func setTimeout(_ option: Int32, _ milliseconds: Int, on descriptor: Int32) {
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }
}
