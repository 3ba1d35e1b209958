import Glibc

/// The socket on which a responder accepts connections from a web server.
public struct ListeningSocket: Sendable {
    /// The descriptor, which is non-blocking.
    public let descriptor: Int32
    /// The socket file that `close` removes; nil if there is none or systemd owns it.
    private let path: String?

    /// The largest number of connections that wait to be accepted.
    ///
    /// 512 were too few for 512 clients; 4096 were enough.
    static let backlog: Int32 = 4096

    /// Uses descriptor 0 if it is a listening socket, and otherwise opens one at `address`.
    ///
    /// Descriptor 0 is a socket by FastCGI 1.0 §2.2 and `StandardInput=socket` of systemd.exec(5).
    /// - Parameter address: see `init(at:)`.
    /// - Throws: `StartError`
    public init(inheritedOrAt address: String?) throws {
        if Self.isListening(0) {
            self.init(descriptor: 0, path: nil)
        } else if let address {
            try self.init(at: address)
        } else {
            throw StartError("descriptor 0 is not a listening socket, and no address was given")
        }
    }

    /// Opens a socket.
    ///
    /// - Parameter address: a path of at most 107 bytes, or `HOST:PORT` in digits. Text with a
    ///   slash or without a colon is a path. The socket file gets mode 0660. A socket file without
    ///   a listener is replaced; any other file at the path is an error.
    /// - Throws: `StartError`
    public init(at address: String) throws {
        if !address.contains("/"), address.contains(":") {
            try self.init(internet: address)
        } else {
            try self.init(unix: address)
        }
    }

    /// The path of a unix socket, as it was bound; nil for any other socket.
    public var unixPath: String? {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size)
            }
        }
        guard result == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        let path = withUnsafeBytes(of: address.sun_path) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return path.isEmpty ? nil : path
    }

    /// Removes the file and closes the socket, unless systemd owns the socket.
    ///
    /// Call it once, after every user of the socket has ended.
    public func close() {
        if let path { unlink(path) }
        if descriptor != 0 { _ = Glibc.close(descriptor) }
    }

    init(descriptor: Int32, path: String?) {
        // A peer may close between poll and accept; accept must not block then.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        self.descriptor = descriptor
        self.path = path
    }

    private init(internet text: String) throws {
        guard let address = SocketAddress(internet: text) else {
            throw StartError("\(text) is not an IP address and a port, such as 127.0.0.1:9000")
        }
        let descriptor = try Self.socket(address.family)
        var isOn: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        // Allow a restart while old connections are in TIME_WAIT.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, size)
        guard address.withPointer({ bind(descriptor, $0, $1) }) == 0,
            listen(descriptor, Self.backlog) == 0
        else { throw Self.refusal(of: text, descriptor) }
        self.init(descriptor: descriptor, path: nil)
    }

    private init(unix path: String) throws {
        guard let address = SocketAddress(unix: path), path.first != "@" else {
            throw StartError(
                "\(path) cannot be a socket's path: it has 1 to 107 bytes and no @ first")
        }
        let descriptor = try Self.socket(AF_UNIX)
        var isBound = address.withPointer { bind(descriptor, $0, $1) } == 0
        if !isBound, errno == EADDRINUSE {
            do {
                try removeUnused(path, address)
            } catch {
                _ = Glibc.close(descriptor)
                throw error
            }
            isBound = address.withPointer { bind(descriptor, $0, $1) } == 0
        }
        // No client can connect before listen, so the mode is set in time.
        guard isBound, chmod(path, 0o660) == 0, listen(descriptor, Self.backlog) == 0 else {
            throw Self.refusal(of: path, descriptor)
        }
        self.init(descriptor: descriptor, path: path)
    }
}

extension ListeningSocket {
    private static func isListening(_ descriptor: Int32) -> Bool {
        var isListening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let result = getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size)
        return result == 0 && isListening != 0
    }

    fileprivate static func socket(_ family: Int32) throws -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(family, type, 0)
        guard descriptor >= 0 else { throw StartError(failedTo: "open a socket") }
        return descriptor
    }

    private static func refusal(of address: String, _ descriptor: Int32) -> StartError {
        let error = StartError(failedTo: "listen on \(address)")
        _ = Glibc.close(descriptor)
        return error
    }
}

/// Removes the socket file at `path` if no process listens on it.
private func removeUnused(_ path: String, _ address: SocketAddress) throws {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
        throw StartError("\(path) exists and is not a socket")
    }
    let probe = try ListeningSocket.socket(AF_UNIX)
    defer { close(probe) }
    // A full backlog must not block the probe: it shows that a process listens.
    _ = fcntl(probe, F_SETFL, O_NONBLOCK)
    let isAnswered = address.withPointer { connect(probe, $0, $1) } == 0
    guard !isAnswered, errno != EAGAIN else {
        throw StartError("another process listens on \(path)")
    }
    guard errno == ECONNREFUSED else { throw StartError(failedTo: "find out who owns \(path)") }
    guard unlink(path) == 0 else { throw StartError(failedTo: "remove the unused \(path)") }
}
