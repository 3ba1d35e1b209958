import Values

extension JSONWriter {
    /// Writes an integer in decimal.
    public mutating func integer(_ value: Int64) {
        // A sign and 19 digits.
        reserve(20)
        if value < 0 {
            start[count] = UInt8(ascii: "-")
            count += 1
        }
        var rest = value.magnitude
        var digits = 1
        var power: UInt64 = 10
        while digits < 19, rest >= power {
            digits += 1
            power *= 10
        }
        for place in (count..<count + digits).reversed() {
            let (tens, ones) = rest.quotientAndRemainder(dividingBy: 10)
            start[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: ones)
            rest = tens
        }
        count += digits
    }

    /// Writes a non-negative number of hundredths as a decimal fraction: 450 is `4.50`.
    public mutating func decimal(hundredths: Int64) {
        integer(hundredths / 100)
        append(UInt8(ascii: "."))
        append(UInt8(ascii: "0") + UInt8(hundredths / 10 % 10))
        append(UInt8(ascii: "0") + UInt8(hundredths % 10))
    }

    /// Writes a string with only the escapes that RFC 8259 §7 requires.
    public mutating func string(_ value: String) {
        var value = value
        append(UInt8(ascii: "\""))
        value.withUTF8 { text in
            guard let base = text.baseAddress else { return }
            var written = 0
            var position = 0
            while position < text.count {
                position = nextToEscape(text, from: position)
                append(base + written, count: position - written)
                guard position < text.count else { return }
                escape(text[position])
                position += 1
                written = position
            }
        }
        append(UInt8(ascii: "\""))
    }

    /// The index of the next byte that needs an escape.
    ///
    /// It checks eight bytes at a time, because most texts need no escape.
    private func nextToEscape(_ text: UnsafeBufferPointer<UInt8>, from first: Int) -> Int {
        let raw = UnsafeRawBufferPointer(text)
        var position = first
        while position + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            if hasByteToEscape(word) { break }
            position += 8
        }
        while position < raw.count, !needsEscape(raw[position]) { position += 1 }
        return position
    }

    /// Whether one of eight bytes is a control character, a quote or a backslash.
    ///
    /// A byte is below n if subtracting n borrows into its highest bit and that bit was clear.
    /// Bytes after a match can be false positives, which only cost a second check. See
    /// https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord
    private func hasByteToEscape(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (word &- ones &* 0x20) & ~word
        let hits =
            controls | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
        return hits & (ones &* 0x80) != 0
    }

    private func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): literal(#"\""#)
        case UInt8(ascii: "\\"): literal(#"\\"#)
        case UInt8(ascii: "\n"): literal(#"\n"#)
        case UInt8(ascii: "\r"): literal(#"\r"#)
        case UInt8(ascii: "\t"): literal(#"\t"#)
        default:
            literal(#"\u00"#)
            append((byte >> 4).hexadecimalDigit)
            append(byte.hexadecimalDigit)
        }
    }
}
