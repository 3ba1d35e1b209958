import Crypto
import Values

/// Fields of the header of a message (RFC 5322).
enum MailHeader {
    /// The text of a field: as it is, or as encoded words (RFC 2047) if it has other than ASCII.
    ///
    /// Line breaks and control characters become spaces, so that no value adds a field.
    static func text(_ value: String) -> String {
        let line = String(
            String.UnicodeScalarView(
                value.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
        // `=?` would be read as an encoded word; a long line is folded by encoding it.
        let isPlain = line.utf8.allSatisfy { $0 <= 0x7E } && line.utf8.count <= 60
        if isPlain, !line.contains("=?") { return line }
        return encodedWords(line).joined(separator: "\r\n ")
    }

    /// The field To with an address (RFC 5322 §3.4).
    ///
    /// The address is never encoded (RFC 2047 §5), and may be folded before it only. A local part that
    /// looks like an encoded word is quoted, which does not change its meaning (RFC 5321 §4.1.2).
    static func receiver(_ address: String) -> String {
        var address = String(
            String.UnicodeScalarView(
                address.unicodeScalars.filter { $0.value > 0x20 && $0.value != 0x7F }))
        if let at = address.lastIndex(of: "@"), address[..<at].contains("=?"),
            !address.hasPrefix("\"")
        {
            address = "\"\(address[..<at])\"\(address[at...])"
        }
        let line = "To: <\(address)>"
        return line.utf8.count <= lengthMax ? line : "To:\r\n <\(address)>"
    }

    /// The length of a line in bytes that should not be exceeded (RFC 5322 §2.1.1).
    private static let lengthMax = 78

    /// Encoded words of at most 75 characters, each of whole code points.
    private static func encodedWords(_ line: String) -> [String] {
        var words: [String] = []
        var bytes: [UInt8] = []
        func end() { words.append("=?UTF-8?B?\(Base64.encode(bytes))?=") }
        for scalar in line.unicodeScalars {
            let next = Array(String(scalar).utf8)
            // 45 bytes are 60 characters of base64.
            if bytes.count + next.count > 45 {
                end()
                bytes = []
            }
            bytes += next
        }
        end()
        return words
    }

    /// A date as in `Sun, 29 Nov 2026 00:53:36 +0000` (RFC 5322 §3.3).
    static func date(_ time: Instant) -> String {
        // `2026-11-29T00:53:36.000Z`
        let text = Array(time.rfc3339)
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let weekday = Int(((Day(of: time).number % 7) + 7) % 7)
        let month = (Int(String(text[5...6])) ?? 1) - 1
        let (day, year) = (String(text[8...9]), String(text[0...3]))
        return "\(days[weekday]), \(day) \(months[month]) \(year) \(String(text[11...18])) +0000"
    }
}
