import CFastCGI
import Glibc

/// A request and its response on a connection, as libfcgi represents them.
///
/// Only this type and its extensions use the FCGX functions. A worker reuses its exchange for all
/// requests.
struct Exchange: ~Copyable {
    /// The streams of libfcgi point back at this structure, so its address must not change.
    let raw: UnsafeMutablePointer<FCGX_Request>

    init() {
        raw = .allocate(capacity: 1)
        // -1: libfcgi must never accept connections itself.
        FCGX_InitRequest(raw, -1, 0)
    }

    deinit {
        FCGX_Free(raw, 1)
        raw.deallocate()
    }

    /// Reads a request up to the end of its parameters (FastCGI 1.0 §6.2).
    ///
    /// - Returns: false if the peer closed the connection, exceeded the timeout or sent an invalid
    ///   request. `descriptor` is then closed.
    func begin(on descriptor: Int32) -> Bool {
        // fcgiapp.h declares these three fields private, but nothing else passes a connection to
        // libfcgi. `keepConnection` stops it from closing the previous connection first. `detached`
        // stops it from waiting up to 2 s per byte for the peer to close.
        raw.pointee.ipcFd = descriptor
        raw.pointee.keepConnection = 1
        raw.pointee.detached = 1
        guard FCGX_Accept_r(raw) == 0 else { return false }
        // libfcgi passes on truncated parameters as if they were complete.
        guard FCGX_GetError(raw.pointee.in) == 0 else {
            abort()
            return false
        }
        return true
    }

    /// Ends the response.
    /// - Returns: whether the connection is still open for its next request.
    func end() -> Bool {
        FCGX_Finish_r(raw)
        // Another worker may use the connection from here on.
        defer { raw.pointee.ipcFd = -1 }
        return raw.pointee.ipcFd >= 0
    }

    /// Closes the connection without completing the response.
    func abort() {
        FCGX_Free(raw, 1)
    }

    /// Closes the connection after the response, even if the web server asked to keep it.
    func closeAfterwards() {
        raw.pointee.keepConnection = 0
    }

    /// Writes a part of the response.
    ///
    /// `end` reports a peer that closed the connection or exceeded the timeout.
    func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes {
            _ = FCGX_PutStr($0.baseAddress, Int32($0.count), raw.pointee.out)
        }
    }

    /// Whether libfcgi is initialised, which happens once in a process.
    ///
    /// FCGX_Init installs handlers that would swallow SIGTERM and SIGUSR1, so they are reset. Its
    /// handler of SIGPIPE stays: writing to a closed connection then fails with an error.
    static let isReady: Bool = {
        var before = [SIGTERM, SIGUSR1].map { ($0, sigaction()) }
        for index in before.indices { sigaction(before[index].0, nil, &before[index].1) }
        defer { for index in before.indices { sigaction(before[index].0, &before[index].1, nil) } }
        return FCGX_Init() == 0
    }()
}
