import Glibc

/// A GET request to another responder over its socket (FastCGI 1.0 section 6.2).
///
/// It sends the request at once and reads the response later, so several can be in progress. No
/// call blocks beyond its deadline.
public struct ResponderClient: ~Copyable {
    /// The largest accepted response; responders send shorter ones.
    private static let responseBytesMax = 1 << 16
    private let descriptor: Descriptor

    /// Sends `GET target` to the responder that listens at `path`.
    /// - Throws: `StartError` if none listens there or its backlog is full.
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
        let request = Self.request(for: target)
        guard send(open.number, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
        else { throw StartError(failedTo: "send to \(path)") }
        descriptor = open
    }

    /// The response's status, or nil if none arrives within `milliseconds`.
    public func status(withinMs milliseconds: Int) -> Int? {
        let text = "Status: "
        guard let response = response(withinMs: milliseconds), response.starts(with: text.utf8)
        else { return nil }
        let digits = response.dropFirst(text.utf8.count).prefix { (48...57).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private func response(withinMs milliseconds: Int) -> [UInt8]? {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while bytes.count < Self.responseBytesMax {
            if let output = bytes.withUnsafeBytes(Self.standardOutput) { return output }
            let left = (end - ContinuousClock.now) / .milliseconds(1)
            var ready = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&ready, 1, Int32(left.rounded(.up))) > 0 else { return nil }
            let count = recv(descriptor.number, &part, part.count, 0)
            guard count > 0 else { return nil }
            bytes += part[..<count]
        }
        return nil
    }

    /// The content of the standard output records; nil before the end of the request.
    private static func standardOutput(in bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var output: [UInt8] = []
        var position = 0
        while position + RecordHeader.byteCount <= bytes.count {
            guard let header = RecordHeader(bytes, at: position) else { return nil }
            if header.kind == .endRequest { return output }
            let start = position + RecordHeader.byteCount
            guard start + header.contentLength <= bytes.count else { return nil }
            if header.kind == .standardOutput {
                output += bytes[start..<start + header.contentLength]
            }
            position = start + header.contentLength + header.paddingLength
        }
        return nil
    }

    /// The records of the request.
    ///
    /// All names and values are shorter than 128 bytes (section 3.4).
    private static func request(for target: String) -> [UInt8] {
        let parameters = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", target)].flatMap {
            [UInt8($0.0.utf8.count), UInt8($0.1.utf8.count)] + Array(($0.0 + $0.1).utf8)
        }
        // The role is responder, and the flags do not keep the connection (section 5.1).
        return RecordHeader.record(.beginRequest, [0, 1, 0, 0, 0, 0, 0, 0])
            + RecordHeader.record(.parameters, parameters) + RecordHeader.record(.parameters)
            + RecordHeader.record(.standardInput)
    }
}
