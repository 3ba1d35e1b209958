import Crypto
import Values

/// A strong validator (RFC 9110 §8.8.3): a digest of the very bytes that are sent, so it cannot be
/// stale.
struct ETag: Equatable {
    let value: String

    init(of body: [UInt8]) {
        value = "\"\(SipHash.publicHash(body).hexadecimal)\""
    }

    /// Whether an `If-None-Match` names this one.
    ///
    /// The comparison is weak (RFC 9110 §13.1.2).
    func isNamed(byIfNoneMatch list: String) -> Bool {
        isNamed(by: list, weakly: true)
    }

    /// Whether an `If-Match` names this one.
    ///
    /// The comparison is strong (RFC 9110 §13.1.1).
    func isNamed(byIfMatch list: String) -> Bool {
        isNamed(by: list, weakly: false)
    }

    /// By bytes: a header field has kilobytes of a client's text.
    private func isNamed(by list: String, weakly: Bool) -> Bool {
        // None of our tags holds a comma, so what a comma cuts in two was none of ours.
        list.utf8.split(separator: UInt8(ascii: ",")).contains { element in
            var tag = element.trimmed
            if tag.elementsEqual("*".utf8) { return true }
            if weakly, tag.starts(with: "W/".utf8) { tag = tag.dropFirst(2) }
            return tag.elementsEqual(value.utf8)
        }
    }
}

extension Substring.UTF8View {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmed: Substring.UTF8View {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return start }
        return start[...last]
    }
}
