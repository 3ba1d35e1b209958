/// Reads separated values (RFC 4180): quoted fields may contain separators, quotes and line breaks.
///
/// An empty field is nil. A field of two quotes is an empty text. RFC 4180 leaves this open.
struct CSVReader {
    private let bytes: [UInt8]
    private var position = 0
    /// A comma unless `findSeparator` finds another.
    private(set) var separator = UInt8(ascii: ",")
    /// The line on which the last record begins, counted from 1.
    private(set) var line = 0
    private var nextLine = 1

    /// Creates a reader of a whole file in UTF-8 without a byte order mark.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Sets the separator of the file: a comma, a semicolon or a tab.
    ///
    /// A first line such as `sep=;`, which Excel reads and writes, names it. Otherwise it is the
    /// separator that occurs most often in the header.
    mutating func findSeparator() {
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        let end = bytes.firstIndex(where: isLineBreak) ?? bytes.endIndex
        let first = bytes[..<end].filter { $0 != UInt8(ascii: "\"") }
        if first.count == 5, first.lowercasedASCII.starts(with: "sep=".utf8),
            candidates.contains(first[4])
        {
            separator = first[4]
            position = end
            return
        }
        var counts = [0, 0, 0]
        var isQuoted = false
        for byte in bytes.drop(while: isLineBreak) {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if isLineBreak(byte) { break }
            if let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
        }
        separator = candidates[counts.firstIndex(of: counts.max() ?? 0) ?? 0]
    }

    /// Returns the next record, or nil at the end of the file.
    ///
    /// It skips empty lines, and lines that contain only separators and spaces.
    ///
    /// - Throws: `CSVFault` if a quote is not closed, text follows a closing quote, or the text is
    ///   not UTF-8.
    mutating func next() throws -> [String?]? {
        while let record = try record() {
            if record.contains(where: { $0.map { !$0.utf8.allSatisfy { $0 == 0x20 } } ?? false }) {
                return record
            }
        }
        return nil
    }

    private mutating func record() throws -> [String?]? {
        while position < bytes.endIndex, isLineBreak(bytes[position]) { skipLineBreak() }
        guard position < bytes.endIndex else { return nil }
        line = nextLine
        var fields = [try field()]
        while position < bytes.endIndex, bytes[position] == separator {
            position += 1
            fields.append(try field())
        }
        if position < bytes.endIndex { skipLineBreak() }
        return fields
    }

    private mutating func field() throws -> String? {
        if position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") { return try quoted() }
        let start = position
        while position < bytes.endIndex, bytes[position] != separator,
            !isLineBreak(bytes[position])
        { position += 1 }
        return start == position ? nil : try text(bytes[start..<position])
    }

    private mutating func quoted() throws -> String {
        var content: [UInt8] = []
        position += 1
        while position < bytes.endIndex {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") else {
                    return try ended(content)
                }
                position += 1
            }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") && !isBefore("\n") {
                nextLine += 1
            }
            content.append(byte)
        }
        throw CSVFault(line: line, message: "has a quote that is not closed")
    }

    private func ended(_ content: [UInt8]) throws -> String {
        guard
            position == bytes.endIndex || bytes[position] == separator
                || isLineBreak(bytes[position])
        else { throw CSVFault(line: line, message: "has text after a closing quote") }
        return try text(content[...])
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CSVFault(
                line: line,
                message:
                    "is not UTF-8. Save the file as \"CSV UTF-8\", "
                    + "or name its encoding with --encoding, such as windows-1252"
            )
        }
        return text
    }

    private func isBefore(_ character: Unicode.Scalar) -> Bool {
        position < bytes.endIndex && bytes[position] == UInt8(ascii: character)
    }

    /// Skips CRLF, LF or CR.
    private mutating func skipLineBreak() {
        if bytes[position] == UInt8(ascii: "\r"), position + 1 < bytes.endIndex,
            bytes[position + 1] == UInt8(ascii: "\n")
        {
            position += 1
        }
        position += 1
        nextLine += 1
    }
}

private func isLineBreak(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
}

extension Sequence<UInt8> {
    /// The bytes in lower case, for A–Z only.
    var lowercasedASCII: [UInt8] {
        map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}

/// A fault in a file, with its line.
public struct CSVFault: Error, Equatable, CustomStringConvertible {
    /// The line on which the record begins, counted from 1.
    public let line: Int
    /// The fault as a sentence, or as the end of a sentence that begins with the column.
    public let message: String

    /// The text that is printed, such as `line 12: price must be an integer`.
    public var description: String { "line \(line): \(message)" }
}
