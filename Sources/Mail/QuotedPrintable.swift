import Values

/// The encoding quoted-printable (RFC 2045 §6.7).
enum QuotedPrintable {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// `text` with CRLF line ends and lines of at most 76 characters.
    static func encode(_ text: String) -> [UInt8] {
        var encoded: [UInt8] = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        {
            var column = 0
            for (index, byte) in line.enumerated() {
                // White space at the end of a line may be removed on the way. A full stop at the
                // beginning would end the message if a server forgot to double it.
                let isLast = index == line.count - 1
                let isPlain =
                    (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=")
                    && !(column == 0 && byte == UInt8(ascii: "."))
                    || (byte == 0x20 && !isLast)
                let width = isPlain ? 1 : 3
                if column + width > 75 {
                    encoded += Array("=\r\n".utf8)
                    column = 0
                }
                if isPlain {
                    encoded.append(byte)
                } else {
                    encoded += [
                        UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)],
                    ]
                }
                column += width
            }
            encoded += Array("\r\n".utf8)
        }
        return Array(encoded.dropLast(2))
    }
}
