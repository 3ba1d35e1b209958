import CFastCGI
import Glibc
import Logging

extension Listener {
    /// Takes one connection from the backlog.
    func accept() {
        // Blocking: libfcgi reads on until it has what it needs.
        let descriptor = accept4(socket.descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        guard descriptor >= 0 else {
            acceptFailed(errno)
            return
        }
        // At the bound the backlog holds the rest, and `closed` goes on.
        if connections.opened(descriptor) { resumeAccepting() }
        prepare(descriptor)
        if !ready.watch(descriptor) {
            close(descriptor)
            closed(descriptor)
        }
    }

    /// Strikes off a connection that is closed by now.
    func closed(_ descriptor: Int32) {
        if connections.closed(descriptor) { resumeAccepting() }
    }

    /// Lets the next connection in.
    func resumeAccepting() {
        ready.watchAgain(socket.descriptor)
    }

    private func acceptFailed(_ code: Int32) {
        switch code {
        case EAGAIN, EINTR, ECONNABORTED:
            // Another worker was faster, or the peer has gone: nothing to wait for.
            resumeAccepting()
        default:
            // EMFILE, ENFILE, ENOMEM and whatever else accept(2) knows: it would fail again at
            // once.
            logger.error(
                "cannot accept", metadata: ["error": "\(String(cString: strerror(code)))"])
            pause.begin()
            ready.watchAgain(pause.descriptor)
        }
    }

    private func prepare(_ descriptor: Int32) {
        setTimeout(SO_RCVTIMEO, configuration.receiveTimeoutMs, on: descriptor)
        setTimeout(SO_SNDTIMEO, configuration.sendTimeoutMs, on: descriptor)
        // An answer longer than libfcgi's 8 KiB buffer is several writes, and TCP would hold the
        // last one back for the peer's acknowledgement. On a unix socket this fails, and may.
        var isOn: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    private func setTimeout(_ option: Int32, _ milliseconds: Int, on descriptor: Int32) {
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }
}
