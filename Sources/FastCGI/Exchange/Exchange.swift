import CFastCGI
import Glibc

/// One request and its answer on a connection, as libfcgi sees them.
///
/// Together with its extensions the only place that says FCGX. Used by one worker, over and over.
struct Exchange: ~Copyable {
    /// libfcgi's streams point back at this, so it never moves.
    let raw: UnsafeMutablePointer<FCGX_Request>

    init() {
        raw = .allocate(capacity: 1)
        // -1: libfcgi must never accept by itself.
        FCGX_InitRequest(raw, -1, 0)
    }

    deinit {
        FCGX_Free(raw, 1)
        raw.deallocate()
    }

    /// Reads a request up to the end of its parameters (FastCGI 1.0 §6.2).
    ///
    /// - Returns: false where the peer has gone, was silent beyond the time-out, or sent something
    ///   that is no request; `descriptor` is closed then.
    func begin(on descriptor: Int32) -> Bool {
        // fcgiapp.h says not to touch these three fields; there is no other way to hand libfcgi a
        // connection. `keepConnection` stops it from closing this one first. `detached` stops it
        // from waiting for the peer's own close, 2 s for every byte, before it closes an end.
        raw.pointee.ipcFd = descriptor
        raw.pointee.keepConnection = 1
        raw.pointee.detached = 1
        guard FCGX_Accept_r(raw) == 0 else { return false }
        // Parameters that were cut off between two of them are handed over as if they were whole.
        guard FCGX_GetError(raw.pointee.in) == 0 else {
            abort()
            return false
        }
        return true
    }

    /// The end of the answer.
    /// - Returns: whether the connection is still open, and waits for its next request.
    func end() -> Bool {
        FCGX_Finish_r(raw)
        // From here on the connection may be another worker's.
        defer { raw.pointee.ipcFd = -1 }
        return raw.pointee.ipcFd >= 0
    }

    /// Closes the connection in the middle of it.
    func abort() {
        FCGX_Free(raw, 1)
    }

    /// Closes the connection at the end of the answer, whatever the web server asked for.
    func closeAfterwards() {
        raw.pointee.keepConnection = 0
    }

    /// Writes a part of the answer.
    ///
    /// A peer that has gone, or does not read within the time-out, shows at the `end`.
    func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes {
            _ = FCGX_PutStr($0.baseAddress, Int32($0.count), raw.pointee.out)
        }
    }

    /// libfcgi has to be told once that it exists.
    ///
    /// Doing so it puts handlers on SIGTERM and SIGUSR1 that would swallow them; they are taken off
    /// again. The one on SIGPIPE stays: a peer that has gone is an error of the write.
    static let isReady: Bool = {
        var before = [SIGTERM, SIGUSR1].map { ($0, sigaction()) }
        for index in before.indices { sigaction(before[index].0, nil, &before[index].1) }
        defer { for index in before.indices { sigaction(before[index].0, &before[index].1, nil) } }
        return FCGX_Init() == 0
    }()
}
