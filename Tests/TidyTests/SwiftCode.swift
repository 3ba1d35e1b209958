/// A Swift source with comments, strings and `#/…/#` blanked, so that only code is left.
///
/// Line breaks stay. A string is blanked together with its interpolations.
struct SwiftCode {
    /// The result, byte for byte as long as the source.
    private(set) var bytes: [UInt8]
    private var position = 0

    /// The remaining code.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Blanks `source`.
    init(_ source: String) {
        bytes = Array(source.utf8)
        while position < bytes.count { step() }
    }

    /// Skips one byte of code, or a whole comment or string.
    private mutating func step() {
        // Most bytes begin neither a comment nor a string.
        guard [UInt8(ascii: "/"), UInt8(ascii: "#"), UInt8(ascii: "\"")].contains(bytes[position])
        else {
            position += 1
            return
        }
        if sees("//") {
            while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { blank(1) }
        } else if sees("/*") {
            skipComment()
        } else if sees("#/") {
            blank(2)
            while position < bytes.count, !sees("/#") { blank(1) }
            blank(2)
        } else if let hashes = hashesBeforeQuote() {
            skipString(hashes: hashes)
        } else {
            position += 1
        }
    }

    /// Block comments nest in Swift.
    private mutating func skipComment() {
        var depth = 0
        repeat {
            if sees("/*") {
                depth += 1
                blank(2)
            } else if sees("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && position < bytes.count
    }

    /// Skips a string that begins with `hashes` number signs and a quote.
    private mutating func skipString(hashes: Int) {
        let marks = String(repeating: "#", count: hashes)
        blank(hashes)
        let quote = sees("\"\"\"") ? "\"\"\"" : "\""
        blank(quote.utf8.count)
        while position < bytes.count {
            if sees(quote + marks) {
                blank(quote.utf8.count + hashes)
                return
            }
            if sees("\\\(marks)(") {
                skipInterpolation(escape: 1 + hashes)
            } else {
                blank(sees("\\\(marks)") ? 2 + hashes : 1)
            }
        }
    }

    /// Skips `\(…)`, with all strings and parentheses inside.
    private mutating func skipInterpolation(escape: Int) {
        blank(escape)
        let start = position
        var depth = 0
        repeat {
            if sees("(") { depth += 1 }
            if sees(")") { depth -= 1 }
            step()
        } while depth > 0 && position < bytes.count
        for index in start..<position { clear(index) }
    }

    private func hashesBeforeQuote() -> Int? {
        var end = position
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - position : nil
    }

    private func sees(_ text: String) -> Bool {
        bytes[position] == text.utf8.first && bytes[position...].starts(with: text.utf8)
    }

    private mutating func blank(_ count: Int) {
        for index in position..<min(position + count, bytes.count) { clear(index) }
        position = min(position + count, bytes.count)
    }

    private mutating func clear(_ index: Int) {
        if bytes[index] != UInt8(ascii: "\n") { bytes[index] = UInt8(ascii: " ") }
    }
}
