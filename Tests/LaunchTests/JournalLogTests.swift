import Testing

@testable import Launch

@Suite struct JournalLogTests {
    static let lines: [(text: String, line: String)] = [
        ("", ""), ("plain", "plain"), ("müßig é 💩", "müßig é 💩"),
        ("a\nb", "a b"), ("a\r\nb", "a  b"), ("a\u{b}b\u{c}c", "a b c"),
        ("a\0b\u{1b}[2Jc", "a b [2Jc"),
        ("a\u{7f}b\u{85}c\u{9b}d", "a b c d"), ("a\u{2028}b\u{2029}c", "a b c"),
        // Each is one character, and neither an escape nor a line feed.
        ("a\u{1b}\u{301}b", "a \u{301}b"), ("a\u{9b}\u{301}b", "a \u{301}b"),
    ]

    @Test(arguments: lines) func aLineHasNoControlCharacters(row: (text: String, line: String)) {
        #expect(Array(row.text.onOneLine.utf8) == Array(row.line.utf8))
    }
}
