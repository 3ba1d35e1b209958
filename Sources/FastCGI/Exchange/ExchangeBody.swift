import CFastCGI
import Glibc
import HTTP

extension Exchange {
    /// Reads the body, which must be as long as CONTENT_LENGTH, and the end of its stream.
    ///
    /// On a kept connection, an unread end would be taken for the next request.
    /// - Throws: `Problem` if the length is not a number, too large or wrong; `Broken`.
    func body(lengthMax: Int) throws -> [UInt8] {
        let length = try contentLength(max: lengthMax)
        let body = length == 0 ? [] : read(length)
        let isAtEnd = FCGX_GetChar(raw.pointee.in) == EOF
        guard FCGX_GetError(raw.pointee.in) == 0 else { throw Broken() }
        guard body.count == length, isAtEnd else {
            throw Problem.badRequest(
                "bad_request", "The body does not have the length in Content-Length.")
        }
        return body
    }

    /// Reads and discards the rest of the body, so that the connection can be kept.
    ///
    /// If the rest is too long, the connection is closed after the response.
    /// - Parameter bytesMax: the largest rest that is read, in bytes.
    func skipBody(bytesMax: Int) {
        let isReasonable = announcedLength.map { $0 <= bytesMax } ?? true
        let isAtEnd =
            isReasonable
            && withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8192) {
                var left = bytesMax
                while left > 0 {
                    let count = FCGX_GetStr($0.baseAddress, Int32($0.count), raw.pointee.in)
                    if count < Int32($0.count) { return true }
                    left -= Int(count)
                }
                return false
            }
        if !isAtEnd { closeAfterwards() }
    }

    private func read(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let start = UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(
                to: CChar.self)
            filled = Int(FCGX_GetStr(start, Int32(count), raw.pointee.in))
        }
    }

    /// The CONTENT_LENGTH (RFC 3875 §4.1.2) in decimal digits; 0 if it is absent.
    private func contentLength(max: Int) throws -> Int {
        guard let length = announcedLength else {
            throw Problem.badRequest("bad_request", "Content-Length is not a number.")
        }
        guard length <= max else {
            throw Problem(
                .contentTooLarge, "payload_too_large", "The body is larger than \(max) bytes.")
        }
        return length
    }

    /// Nil if it is not a number; Int.max if it does not fit in an Int.
    private var announcedLength: Int? {
        guard let digits = parameter("CONTENT_LENGTH") else { return 0 }
        var length = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            let (tens, isOver) = length.multipliedReportingOverflow(by: 10)
            let (sum, isOverToo) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
            length = isOver || isOverToo ? .max : sum
        }
        return length
    }
}
