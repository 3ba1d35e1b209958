import Values

extension JSONParser {
    /// Reads a string and resolves its escapes (RFC 8259 §7).
    mutating func string() throws -> ClientText {
        guard take(UInt8(ascii: "\"")) else { throw failure("a string") }
        let first = plain()
        if take(UInt8(ascii: "\"")) { return ClientText(try validated(first)) }
        // Collects bytes instead of a String, which would look for character boundaries at each
        // append.
        var text = Array(first)
        while !take(UInt8(ascii: "\"")) {
            guard let byte = peek(), byte >= 0x20 else { throw failure("a closing quote") }
            if byte == UInt8(ascii: "\\") {
                position += 1
                text.append(contentsOf: UTF8.encode(try escaped()) ?? .init())
            } else {
                text.append(contentsOf: plain())
            }
        }
        return ClientText(try text.withUnsafeBufferPointer { try validated($0[...]) })
    }

    /// Reads the bytes up to the next quote, escape or control character.
    private mutating func plain() -> Slice<UnsafeBufferPointer<UInt8>> {
        let start = position
        while let byte = peek(), byte >= 0x20, byte != UInt8(ascii: "\""),
            byte != UInt8(ascii: "\\")
        {
            position += 1
        }
        return bytes[start..<position]
    }

    /// Checks that the text is valid UTF-8 (RFC 8259 §8.1).
    private func validated(_ text: Slice<UnsafeBufferPointer<UInt8>>) throws -> String {
        guard let text = String(utf8: .init(rebasing: text)) else { throw failure("UTF-8") }
        return text
    }

    private mutating func escaped() throws -> Unicode.Scalar {
        guard let byte = peek() else { throw failure("an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode()
        default: throw failure("an escape")
        }
    }

    /// Reads the four digits after `\u`, and the second half of a surrogate pair if they are the
    /// first.
    private mutating func unicode() throws -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw failure("a pair of surrogates")
        }
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(
                0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { throw failure("a pair of surrogates") }
        return scalar
    }

    private mutating func hexadecimal() throws -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = peek()?.hexadecimalValue else {
                throw failure("four hexadecimal digits")
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
