/// Comma-separated values (RFC 4180): fields in quotes may hold commas, quotes and line breaks.
///
/// A field of nothing is nil and one of just two quotes is empty, which RFC 4180 leaves open.
struct CSVReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    /// The line on which the record begins that was read last, counted from 1.
    private(set) var line = 0
    private var nextLine = 1

    /// A reader of a whole file; a byte order mark in front is passed over.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        position = self.bytes.startIndex
    }

    /// The next record; nil at the end of the file.
    ///
    /// Empty lines are passed over.
    /// - Throws: `CSVFault` where a quote is not closed or text follows one, or it is not UTF-8.
    mutating func next() throws -> [String?]? {
        while position < bytes.endIndex, isLineBreak(bytes[position]) { skipLineBreak() }
        guard position < bytes.endIndex else { return nil }
        line = nextLine
        var fields = [try field()]
        while position < bytes.endIndex, bytes[position] == UInt8(ascii: ",") {
            position += 1
            fields.append(try field())
        }
        if position < bytes.endIndex { skipLineBreak() }
        return fields
    }

    private mutating func field() throws -> String? {
        if position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") { return try quoted() }
        let start = position
        while position < bytes.endIndex, bytes[position] != UInt8(ascii: ","),
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
            position == bytes.endIndex || bytes[position] == UInt8(ascii: ",")
                || isLineBreak(bytes[position])
        else { throw CSVFault(line: line, message: "has text behind a closing quote") }
        return try text(content[...])
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CSVFault(line: line, message: "is not UTF-8")
        }
        return text
    }

    private func isBefore(_ character: Unicode.Scalar) -> Bool {
        position < bytes.endIndex && bytes[position] == UInt8(ascii: character)
    }

    private func isLineBreak(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    /// Passes over CRLF, LF or CR.
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

/// What is wrong with a file, and on which line.
public struct CSVFault: Error, Equatable, CustomStringConvertible {
    /// Counted from 1, where the record begins.
    public let line: Int
    /// The end of a sentence that begins with the line.
    public let message: String

    /// As in `line 12: price must be an integer`.
    public var description: String { "line \(line): \(message)" }
}

/// One record with its line break, its fields in quotes where they must be: by bytes, since a quote
/// with an accent on it is one character and no quote.
func csvRecord(_ fields: [String?]) -> String {
    let quote = UInt8(ascii: "\"")
    var record: [UInt8] = []
    for (index, field) in fields.enumerated() {
        if index > 0 { record.append(UInt8(ascii: ",")) }
        guard let field else { continue }
        let isPlain =
            !field.isEmpty
            && field.utf8.allSatisfy {
                $0 != UInt8(ascii: ",") && $0 != quote && $0 != UInt8(ascii: "\n")
                    && $0 != UInt8(ascii: "\r")
            }
        if isPlain {
            record += field.utf8
            continue
        }
        record.append(quote)
        for byte in field.utf8 {
            if byte == quote { record.append(quote) }
            record.append(byte)
        }
        record.append(quote)
    }
    record.append(UInt8(ascii: "\n"))
    return String(decoding: record, as: UTF8.self)
}
