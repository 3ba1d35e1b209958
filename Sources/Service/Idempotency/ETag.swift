import Crypto
import Values

/// A strong validator (RFC 9110 §8.8.3): a digest of the response body.
///
/// It cannot be stale, because it is computed from the bytes that are sent.
struct ETag: Equatable {
    let value: String

    init(of body: [UInt8]) {
        value = "\"\(SipHash.publicHash(body).hexadecimal)\""
    }

    /// Whether an `If-None-Match` field contains this tag.
    ///
    /// The comparison is weak (RFC 9110 §13.1.2).
    func isNamed(byIfNoneMatch list: String) -> Bool {
        isNamed(by: list, weakly: true)
    }

    /// Whether an `If-Match` field contains this tag.
    ///
    /// The comparison is strong (RFC 9110 §13.1.1).
    func isNamed(byIfMatch list: String) -> Bool {
        isNamed(by: list, weakly: false)
    }

    /// Compares bytes, because a client may send kilobytes in a header field.
    private func isNamed(by list: String, weakly: Bool) -> Bool {
        // Souk's tags contain no commas, so splitting at commas only breaks foreign tags.
        list.utf8.split(separator: UInt8(ascii: ",")).contains { element in
            var tag = element.trimmed
            if tag.elementsEqual("*".utf8) { return true }
            if weakly, tag.starts(with: "W/".utf8) { tag = tag.dropFirst(2) }
            return tag.elementsEqual(value.utf8)
        }
    }
}

extension Substring.UTF8View {
    /// The text without spaces and tabs at both ends.
    fileprivate var trimmed: Substring.UTF8View {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return start }
        return start[...last]
    }
}
