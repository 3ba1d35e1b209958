import CFastCGI
import Glibc

/// A look at the head of a request while it is still in the socket, before libfcgi reads it.
///
/// libfcgi takes every parameter into memory, be there as many as there may, and miscounts lengths
/// that no content has. So it gets to see only a head that ends, within 64 KiB, and whose lengths
/// add up. A web server's own bound is below that; nginx takes 32 KiB of header fields.
struct Head: ~Copyable {
    private static let bytesMax = 65_536
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: bytesMax, alignment: 8)
    private let parameters = UnsafeMutableRawBufferPointer.allocate(
        byteCount: bytesMax, alignment: 8)

    deinit {
        bytes.deallocate()
        parameters.deallocate()
    }

    /// Whether a head that libfcgi can bear lies ready in the socket.
    ///
    /// Waits until all of it has come.
    /// - Returns: false where the peer has gone, is too slow, or sends something else.
    func isGood(on descriptor: Int32, withinMs milliseconds: Int) -> Bool {
        var end: ContinuousClock.Instant?
        while true {
            let count = recv(
                descriptor, bytes.baseAddress, bytes.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
            guard count > 0 else { return false }
            if let length = parametersLength(in: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            {
                return length >= 0 && addUp(length)
            }
            guard count < bytes.count else { return false }
            // Rare: nginx sends a head in one piece. Poll cannot tell when there is more than now.
            let now = ContinuousClock.now
            let last = end ?? now + .milliseconds(milliseconds)
            guard now <= last else { return false }
            end = last
            var peer = pollfd(fd: descriptor, events: Int16(EPOLLRDHUP.rawValue), revents: 0)
            if poll(&peer, 1, 1) > 0 { return false }
        }
    }

    /// Lays the content of the PARAMS records end to end (FastCGI 1.0 §3.3, §5.2).
    /// - Returns: its length; -1 where that is no head; nil where there is more to come.
    private func parametersLength(in bytes: UnsafeRawBufferPointer) -> Int? {
        var position = 0
        var length = 0
        while position + 8 <= bytes.count {
            let isFirst = position == 0
            let count = Int(bytes[position + 4]) << 8 | Int(bytes[position + 5])
            guard bytes[position] == 1, bytes[position + 1] == (isFirst ? 1 : 4),
                bytes[position + 2] == bytes[2], bytes[position + 3] == bytes[3],
                !isFirst || count == 8
            else { return -1 }
            if !isFirst && count == 0 { return length }
            let start = position + 8
            position = start + count + Int(bytes[position + 6])
            guard position <= bytes.count else { return nil }
            guard !isFirst else { continue }
            parameters[length..<length + count].copyBytes(from: bytes[start..<start + count])
            length += count
        }
        return nil
    }

    /// Whether names and values are as long together as they say (§3.4).
    private func addUp(_ length: Int) -> Bool {
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
