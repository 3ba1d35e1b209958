import CFastCGI
import Glibc
import HTTP

extension Exchange {
    /// The body, of exactly as many bytes as CONTENT_LENGTH says, and the end of its stream.
    ///
    /// The end is read too: on a kept connection it would be taken for the next request.
    /// - Throws: `Problem` where the length is no number, too large or not the body's; `Broken`.
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

    /// Reads what is left of a body that nobody wants, so that the connection can be kept.
    ///
    /// The connection is closed after the answer where this would take too long.
    /// - Parameter bytesMax: what is worth reading.
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

    /// CONTENT_LENGTH (RFC 3875 §4.1.2): decimal digits, 0 where it is absent.
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

    /// Nil where it is no number; the largest Int where it is larger.
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
