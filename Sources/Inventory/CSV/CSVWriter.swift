/// Returns one record with its line break.
///
/// Fields that contain a separator, a quote or a line break are quoted. The search compares bytes,
/// because Swift joins a quote and a combining accent into one `Character`.
public func csvRecord(_ fields: [String?]) -> String {
    let quote = UInt8(ascii: "\"")
    var record: [UInt8] = []
    for (index, field) in fields.enumerated() {
        if index > 0 { record.append(UInt8(ascii: ",")) }
        guard let field else { continue }
        if !field.isEmpty, field.utf8.allSatisfy(isPlain) {
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

/// Whether a byte needs no quotes, whichever separator a spreadsheet expects.
private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "\""),
        UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        false
    default: true
    }
}

extension String {
    /// The text as a cell that a spreadsheet does not run as a formula.
    ///
    /// An apostrophe is added before a text that begins like a formula
    /// (https://owasp.org/www-community/attacks/CSV_Injection). It is also added if apostrophes
    /// precede the formula, so that `withoutFormulaGuard` restores every text.
    public var guardedFromFormulas: String {
        beginsLikeFormula ? "'" + self : self
    }

    /// The original text of a cell that `guardedFromFormulas` has produced.
    var withoutFormulaGuard: String {
        utf8.first == UInt8(ascii: "'") && beginsLikeFormula
            ? String(decoding: utf8.dropFirst(), as: UTF8.self) : self
    }

    /// Whether the text begins with any number of apostrophes and then a character that begins a
    /// formula.
    ///
    /// Japanese spreadsheets also accept the wide forms of these characters.
    private var beginsLikeFormula: Bool {
        switch unicodeScalars.first(where: { $0 != "'" }) {
        case "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}":
            true
        default: false
        }
    }
}
