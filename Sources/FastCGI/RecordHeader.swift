/// The header of a record (FastCGI 1.0 section 3.3), followed by content and padding.
struct RecordHeader {
    /// The type of a record (section 8).
    ///
    /// Only the types that a responder and its client use are here.
    enum Kind: UInt8 {
        case beginRequest = 1
        case endRequest = 3
        case parameters = 4
        case standardInput = 5
        case standardOutput = 6
        case standardError = 7
    }

    static let byteCount = 8
    private static let version: UInt8 = 1

    /// The type, or nil if it is not in `Kind`.
    let kind: Kind?
    let requestID: UInt16
    let contentLength: Int
    let paddingLength: Int

    /// Reads the header at `position`, which must be complete.
    ///
    /// Nil if the version of the protocol differs.
    init?(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        guard bytes[position] == Self.version else { return nil }
        kind = Kind(rawValue: bytes[position + 1])
        requestID = UInt16(bytes[position + 2]) << 8 | UInt16(bytes[position + 3])
        contentLength = Int(bytes[position + 4]) << 8 | Int(bytes[position + 5])
        paddingLength = Int(bytes[position + 6])
    }

    /// A record without padding; `content` has at most 65,535 bytes.
    static func record(_ kind: Kind, _ content: [UInt8] = [], requestID: UInt16 = 1) -> [UInt8] {
        [
            version, kind.rawValue, UInt8(requestID >> 8), UInt8(requestID & 0xFF),
            UInt8(content.count >> 8), UInt8(content.count & 0xFF), 0, 0,
        ] + content
    }
}
