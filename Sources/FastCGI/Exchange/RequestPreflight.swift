import CGlibc
import Glibc
import Values

/// Checks the parameters of a request in the socket's buffer before libfcgi reads them.
///
/// libfcgi buffers parameters without a limit and misreads lengths that exceed the content. It
/// therefore gets only requests whose parameters end within 64 KiB and whose lengths add up. The
/// web server's own limit is lower: nginx accepts 32 KiB of header fields.
struct RequestPreflight: ~Copyable {
    private static let bytesMax = 65_536
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: bytesMax, alignment: 8)
    private let parameters = UnsafeMutableRawBufferPointer.allocate(
        byteCount: bytesMax, alignment: 8)

    deinit {
        bytes.deallocate()
        parameters.deallocate()
    }

    /// Waits until all parameters of a request are in the socket's buffer, and checks them.
    /// - Returns: false if the peer closed the connection, took too long or sent anything else.
    func accepts(_ descriptor: Int32, withinMs milliseconds: Int) -> Bool {
        var end: ContinuousClock.Instant?
        while true {
            let count = recv(
                descriptor, bytes.baseAddress, bytes.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
            guard count > 0 else { return false }
            switch collectParameters(in: UnsafeRawBufferPointer(rebasing: bytes[..<count])) {
            case .malformed: return false
            case .complete(let length): return hasConsistentLengths(length)
            case .incomplete: break
            }
            guard count < bytes.count else { return false }
            // Rare: nginx sends all parameters at once. poll(2) cannot report "more than before".
            let now = ContinuousClock.now
            let last = end ?? now + .milliseconds(milliseconds)
            guard now <= last else { return false }
            end = last
            var peer = pollfd(fd: descriptor, events: Int16(EPOLLRDHUP.rawValue), revents: 0)
            if poll(&peer, 1, 1) > 0 { return false }
        }
    }

    private enum Collected {
        /// The number of bytes in `parameters`.
        case complete(Int)
        case incomplete
        case malformed
    }

    /// Concatenates the content of the PARAMS records (FastCGI 1.0 section 5.2).
    private func collectParameters(in bytes: UnsafeRawBufferPointer) -> Collected {
        var position = 0
        var length = 0
        var requestID: UInt16?
        while position + RecordHeader.byteCount <= bytes.count {
            guard let header = RecordHeader(bytes, at: position),
                header.kind == (requestID == nil ? .beginRequest : .parameters),
                header.requestID == requestID ?? header.requestID,
                requestID != nil || header.contentLength == 8
            else { return .malformed }
            let isFirst = requestID == nil
            requestID = header.requestID
            if !isFirst && header.contentLength == 0 { return .complete(length) }
            let start = position + RecordHeader.byteCount
            let end = start + header.contentLength
            position = end + header.paddingLength
            guard position <= bytes.count else { return .incomplete }
            guard !isFirst else { continue }
            parameters[length..<length + header.contentLength].copyBytes(from: bytes[start..<end])
            length += header.contentLength
        }
        return .incomplete
    }

    /// Whether the names and values fill the content exactly (section 3.4).
    private func hasConsistentLengths(_ length: Int) -> Bool {
        var position = 0
        while position < length {
            var pair = 0
            for _ in 0..<2 {
                guard position < length else { return false }
                let first = Int(parameters[position])
                if first < 128 {
                    pair += first
                    position += 1
                    continue
                }
                guard position + 4 <= length else { return false }
                for offset in 0..<4 {
                    let byte = Int(parameters[position + offset]) & (offset == 0 ? 0x7F : 0xFF)
                    pair += byte << (8 * (3 - offset))
                }
                position += 4
            }
            position += pair
        }
        return position == length
    }
}
