import Glibc

@testable import FastCGI

/// The web server's end of a FastCGI connection (FastCGI 1.0), which can also misbehave.
final class Client: Sendable {
    let descriptor: Int32

    /// Connects to the unix socket at `path`.
    convenience init(_ path: String) throws {
        try self.init(to: SocketAddress(unix: path))
    }

    /// Connects, with a timeout of 5 s.
    init(to address: SocketAddress?) throws {
        guard let address else { throw Failure("that is no address") }
        descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        guard address.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
            throw Failure("connect: \(String(cString: strerror(errno)))")
        }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    }

    deinit {
        close(descriptor)
    }

    /// Sends bytes unchanged, as far as the peer accepts them.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let flags = Int32(MSG_NOSIGNAL)
            let count = Glibc.send(descriptor, Array(bytes[sent...]), bytes.count - sent, flags)
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Shuts down writing, but still reads.
    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Sends a request and reads the response.
    func answer(_ request: WireRequest) throws -> Answer {
        send(request.bytes)
        return try answer()
    }

    /// The next response, after an optional dismissal.
    func answer() throws -> Answer {
        var output: [UInt8] = []
        while true {
            let header = try read(8)
            let content = try read(Int(header[4]) << 8 | Int(header[5]))
            _ = try read(Int(header[6]))
            switch header[1] {
            case 6: output += content
            case 3: return Answer(output)
            case 7 where content.isEmpty && output.isEmpty: continue
            default: throw Failure("record type \(header[1])")
            }
        }
    }

    /// Whether the peer dismisses the connection before it received a request, so that nginx closes
    /// it.
    func isDismissed() -> Bool { (try? read(8)) == [1, 7, 0, 1, 0, 0, 0, 0] }

    /// Whether the peer has closed the connection without sending another byte.
    func isClosed() -> Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, 0)
        return count == 0 || count < 0 && errno == ECONNRESET
    }

    private func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var part = [UInt8](repeating: 0, count: count - bytes.count)
            let received = recv(descriptor, &part, part.count, 0)
            guard received > 0 else {
                throw Failure(received == 0 ? "closed" : String(cString: strerror(errno)))
            }
            bytes += part[..<received]
        }
        return bytes
    }
}

/// The reason why a test could not continue.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
