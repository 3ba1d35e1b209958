import Foundation
import ShopFixture

/// A connection to a responder's socket (FastCGI 1.0) whose responses are not read until the buffer
/// is full.
///
/// `@unchecked Sendable`: only one thread at a time may use it.
final class UnreadConnection: @unchecked Sendable {
    private let descriptor: Int32

    /// Connects to the unix socket at `path`.
    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isConnected else { throw Failure("\(path): \(String(cString: strerror(errno)))") }
    }

    deinit {
        close(descriptor)
    }

    /// The number of bytes that have arrived.
    var bytes: Int {
        var count: Int32 = 0
        _ = ioctl(descriptor, UInt(FIONREAD), &count)
        return Int(count)
    }

    /// The number of bytes that the responder has not read (unix(7), SIOCOUTQ).
    var unreadByPeer: Int {
        var count: Int32 = 0
        _ = ioctl(descriptor, UInt(TIOCOUTQ), &count)
        return Int(count)
    }

    /// Sends a request as records (sections 3.3 and 5) and announces more requests.
    func send(
        _ method: String, _ target: String, _ others: [(String, String)] = [], body: String = ""
    ) throws {
        let head = Self.head(method, target, others, bodyBytes: body.utf8.count)
        try send(bytes: head + Self.stream(5, Array(body.utf8)))
    }

    /// Sends records unchanged.
    func send(bytes: [UInt8]) throws {
        guard
            Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
        else { throw Failure("send: \(String(cString: strerror(errno)))") }
    }

    /// A request without its body.
    static func head(
        _ method: String, _ target: String, _ others: [(String, String)] = [], bodyBytes: Int
    ) -> [UInt8] {
        let parameters =
            [("REQUEST_METHOD", method), ("REQUEST_URI", target)] + others
            + [("CONTENT_LENGTH", "\(bodyBytes)")]
        let encoded = parameters.flatMap { name, value in
            length(name.utf8.count) + length(value.utf8.count) + name.utf8 + value.utf8
        }
        return record(1, [0, 1, 1, 0, 0, 0, 0, 0]) + stream(4, encoded)
    }

    /// All bytes until the end of the connection.
    func rest() -> Int {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var count = 0
        while case let part = recv(descriptor, &buffer, buffer.count, 0), part > 0 { count += part }
        return count
    }

    private static func stream(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        (content.isEmpty ? [] : record(type, content)) + record(type, [])
    }

    /// A record of request 1 (section 3.3).
    static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 0xFF), 0, 0] + content
    }

    /// Always in four bytes, with the highest bit set (section 3.4).
    private static func length(_ count: Int) -> [UInt8] {
        withUnsafeBytes(of: (UInt32(count) | 0x8000_0000).bigEndian) { Array($0) }
    }
}
