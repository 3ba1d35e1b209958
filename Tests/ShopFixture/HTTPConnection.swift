public import Foundation
import Synchronization

/// The client of an HTTP/1.1 connection (RFC 9112), which can also misbehave.
///
/// `@unchecked Sendable`: only one thread at a time may use it.
public final class HTTPConnection: @unchecked Sendable {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var position = 0

    /// Connects to a port of this machine; `seconds` is the timeout of each read and write.
    public init(port: UInt16, seconds: Int = 10) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure("socket: \(errno)") }
        self.descriptor = descriptor
        var patience = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        var isOn: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn,
            socklen_t(MemoryLayout<Int32>.size))
        let isConnected = loopback(port) { connect(descriptor, $0, $1) == 0 }
        guard isConnected else { throw Failure("connect: \(String(cString: strerror(errno)))") }
    }

    deinit {
        close(descriptor)
    }

    /// Sends bytes unchanged.
    ///
    /// - Throws: `Failure` if the peer accepts no more.
    public func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure("send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// Whether the peer closes the connection without sending another byte.
    public func isClosed() -> Bool {
        guard position == buffer.count else { return false }
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, 0)
        return count == 0 || count < 0 && errno == ECONNRESET
    }

    /// Whether the peer has already closed the connection, for example because it was idle.
    public var isSpent: Bool {
        guard position == buffer.count else { return false }
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count == 0 || count < 0 && errno == ECONNRESET
    }

    /// Reads the next response.
    ///
    /// A response to HEAD has no body, whatever its Content-Length.
    public func answer(toHead: Bool = false) throws -> HTTPAnswer {
        let statusLine = try line()
        let parts = statusLine.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0] == "HTTP/1.1", let status = Int(parts[1]) else {
            throw Failure("not an answer: \(statusLine)")
        }
        var answer = HTTPAnswer(status: status)
        while case let field = try line(), !field.isEmpty {
            guard let colon = field.firstIndex(of: ":") else { throw Failure("no field: \(field)") }
            let value = field[field.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            answer.fields.append((String(field[..<colon]), value))
        }
        guard !toHead, status != 204, status != 304 else { return answer }
        if answer["Transfer-Encoding"] == "chunked" {
            answer.body = try chunks()
        } else if let length = answer["Content-Length"].flatMap({ Int($0) }) {
            answer.body = try read(length)
        } else {
            throw Failure("an answer without a length: \(answer)")
        }
        return answer
    }

    private func chunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while let size = Int(try line(), radix: 16) {
            body += try read(size)
            guard try line().isEmpty else { throw Failure("a chunk is longer than announced") }
            if size == 0 { return body }
        }
        throw Failure("a chunk without a size")
    }

    private func line() throws -> String {
        var line: [UInt8] = []
        while case let byte = try byte(), byte != UInt8(ascii: "\n") { line.append(byte) }
        guard line.popLast() == UInt8(ascii: "\r") else { throw Failure("a line without CR") }
        return String(decoding: line, as: UTF8.self)
    }

    private func read(_ count: Int) throws -> [UInt8] {
        while buffer.count - position < count { try fill() }
        defer { position += count }
        return Array(buffer[position..<position + count])
    }

    private func byte() throws -> UInt8 {
        if position == buffer.count { try fill() }
        defer { position += 1 }
        return buffer[position]
    }

    private func fill() throws {
        if position > 0 {
            buffer.removeFirst(position)
            position = 0
        }
        var part = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &part, part.count, 0)
        guard count > 0 else {
            throw Failure(count == 0 ? "closed" : String(cString: strerror(errno)))
        }
        buffer += part[..<count]
    }
}

/// Calls `body` with the address of a port of this machine.
public func loopback<T>(
    _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T
) -> T {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// The ports that tests of this process have chosen: their programs bind them later.
private let chosenPorts = Mutex<Set<UInt16>>([])

/// A free port of this machine, below the range of ephemeral ports.
///
/// Each call returns another one.
public func freePort() throws -> UInt16 {
    for _ in 0..<100 {
        let port = UInt16.random(in: 20_000..<32_000)
        guard chosenPorts.withLock({ $0.insert(port).inserted }) else { continue }
        let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(probe) }
        if loopback(port, { bind(probe, $0, $1) == 0 }) { return port }
    }
    throw Failure("no port is free")
}
