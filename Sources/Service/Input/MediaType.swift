/// Reads a `Content-Type` (RFC 9110 §8.3.1) by bytes in one pass.
enum MediaType {
    /// Whether `text` names one of `types`, in any case, and does not contradict UTF-8.
    ///
    /// JSON has no parameters (RFC 8259 §11), so those of other standards, such as
    /// `odata.metadata`, are ignored. A charset other than UTF-8 is rejected, because the body
    /// would be misread.
    static func isJSON(_ text: String, _ types: [StaticString]) -> Bool {
        let bytes = text.utf8
        // The text that most clients send.
        if bytes.elementsEqual("application/json".utf8) { return true }
        var parts = separate(bytes)[...]
        guard let type = parts.popFirst(),
            types.contains(where: { type.isEqualIgnoringCase(to: $0) })
        else { return false }
        return parts.allSatisfy { $0.isEmpty || isAcceptable($0) }
    }

    /// Splits at semicolons outside quotes, and trims spaces.
    private static func separate(_ bytes: String.UTF8View) -> [Substring.UTF8View] {
        var parts: [Substring.UTF8View] = []
        var isQuoted = false
        var start = bytes.startIndex
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ";") where !isQuoted:
                parts.append(trimmed(bytes[start..<index]))
                start = bytes.index(after: index)
            default: break
            }
        }
        return parts + [trimmed(bytes[start...])]
    }

    /// Whether a parameter has the form `name=value`, with a token or a quoted string as its value.
    private static func isAcceptable(_ parameter: Substring.UTF8View) -> Bool {
        let sides = parameter.split(
            separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty, sides[0].allSatisfy(isToken) else {
            return false
        }
        var value = sides[1]
        if value.first == UInt8(ascii: "\"") {
            guard value.count >= 2, value.last == UInt8(ascii: "\"") else { return false }
            value = value.dropFirst().dropLast()
        } else {
            guard !value.isEmpty, value.allSatisfy(isToken) else { return false }
        }
        guard sides[0].isEqualIgnoringCase(to: "charset") else { return true }
        return value.isEqualIgnoringCase(to: "utf-8") || value.isEqualIgnoringCase(to: "utf8")
    }

    /// Whether a byte may be in a token (RFC 9110 §5.6.2).
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func trimmed(_ bytes: Substring.UTF8View) -> Substring.UTF8View {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let rest = bytes.drop(while: isSpace)
        guard let last = rest.lastIndex(where: { !isSpace($0) }) else { return rest }
        return rest[...last]
    }
}

extension Sequence<UInt8> {
    /// Whether the bytes equal `text`, ignoring the case of A–Z.
    func isEqualIgnoringCase(to text: StaticString) -> Bool {
        let other = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return elementsEqual(other) { $0.asciiLowercased == $1.asciiLowercased }
    }
}

extension UInt8 {
    var asciiLowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
