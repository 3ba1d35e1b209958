import Glibc

/// A question to another responder over its socket: a GET, and its answer (FastCGI 1.0 §6.2).
///
/// Sent at once and answered when asked for, so that several can be under way. Nothing here waits
/// longer than it is told to.
public struct Inquiry: ~Copyable {
    private let descriptor: Descriptor

    /// Sends `GET target` to whoever listens at `path`.
    /// - Throws: `StartError` where nobody does, or more wait there already than may.
    public init(_ target: String, at path: String) throws {
        guard let address = SocketAddress(unix: path) else {
            throw StartError("\(path) cannot be a socket's path")
        }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let open = try Descriptor(
            socket(AF_UNIX, type | Int32(SOCK_NONBLOCK.rawValue), 0), from: "open a socket")
        guard address.withPointer({ connect(open.number, $0, $1) }) == 0 else {
            throw StartError(failedTo: "connect to \(path)")
        }
        let request = Inquiry.records(of: target)
        guard send(open.number, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
        else { throw StartError(failedTo: "send to \(path)") }
        descriptor = open
    }

    /// The answer's status, or nil where none comes within `milliseconds`.
    public func status(withinMs milliseconds: Int) -> Int? {
        let text = "Status: "
        guard let answer = output(withinMs: milliseconds), answer.starts(with: text.utf8) else {
            return nil
        }
        let digits = answer.dropFirst(text.utf8.count).prefix { (48...57).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// What the other one wrote up to the end of the request.
    private func output(withinMs milliseconds: Int) -> [UInt8]? {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        // What is asked for here is short; whoever says more is not one of us.
        while bytes.count < 1 << 16 {
            if let output = Inquiry.content(of: bytes) { return output }
            let left = (end - ContinuousClock.now) / .milliseconds(1)
            var ready = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&ready, 1, Int32(left.rounded(.up))) > 0 else { return nil }
            let count = recv(descriptor.number, &part, part.count, 0)
            guard count > 0 else { return nil }
            bytes += part[..<count]
        }
        return nil
    }

    /// The content of the STDOUT records, once END_REQUEST is among them (§3.3, §5.5).
    private static func content(of bytes: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        var position = 0
        while position + 8 <= bytes.count {
            let count = Int(bytes[position + 4]) << 8 | Int(bytes[position + 5])
            let start = position + 8
            if bytes[position + 1] == 3 { return output }
            guard start + count <= bytes.count else { return nil }
            if bytes[position + 1] == 6 { output += bytes[start..<start + count] }
            position = start + count + Int(bytes[position + 6])
        }
        return nil
    }

    /// The request as it is sent; names and values are shorter than 128 bytes (§3.4).
    private static func records(of target: String) -> [UInt8] {
        let parameters = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", target)].flatMap {
            [UInt8($0.0.utf8.count), UInt8($0.1.utf8.count)] + Array(($0.0 + $0.1).utf8)
        }
        func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
            [1, type, 0, 1, 0, UInt8(content.count), 0, 0] + content
        }
        // Responder, and the connection is not kept.
        return record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + record(4, parameters) + record(4, [])
            + record(5, [])
    }
}
