extension Check<String> {
    /// One line that identifies something, such as an article number.
    ///
    /// It is stored in NFC (UAX #15), without invisible characters (Default_Ignorable_Code_Point,
    /// UAX #44) and without white space at its ends. Texts that look the same are thus equal.
    ///
    /// Text of more than 16 bytes for each of its `length` characters is rejected before it is
    /// normalised.
    public static func identifier(_ length: ClosedRange<Int>) -> Check {
        let bytesMax = 16 * length.upperBound
        let normalised = Check.normalised(1...bytesMax)
        let line = Check.line(length)
        return Check(
            placeholder: "", rule: line.rule,
            read: {
                guard case .string(let sent) = $0, let text = sent.string(bytesMax: bytesMax)
                else { return nil }
                if text.utf8.allSatisfy({ $0 < 0x80 }) { return line.read(.string(text.trimmed)) }
                guard
                    let normal = normalised.read(.string(text.withoutInvisible.trimmed))
                else { return nil }
                return line.read(.string(normal))
            })
    }

    /// A name of 1 to 40 of a–z, 0–9 and hyphens, such as a category.
    public static let slug = Check.ascii(1...40, rule: "must be 1 to 40 of a-z, 0-9 and '-'") {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// A username in any case, for logins and searches; it need not exist.
    public static let typedUsername = Check.line(1...120).foldingCase()

    /// Applies this check to the text after trimming white space and lower-casing A–Z.
    ///
    /// It is for usernames that people type. Text of more than 512 bytes is rejected before that.
    public func foldingCase() -> Check {
        let check = self
        return Check(
            placeholder: placeholder, rule: rule,
            read: {
                guard case .string(let sent) = $0, let text = sent.string(bytesMax: 512)
                else { return nil }
                return check.read(.string(text.folded))
            })
    }
}

extension String {
    /// The text without white space (White_Space, UAX #44) at its ends and with A–Z in lower case.
    public var folded: String {
        trimmed.asciiLowercased
    }

    /// The text without white space (White_Space, UAX #44) at its ends.
    public var trimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    fileprivate var withoutInvisible: String {
        let visible = unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }
        return String(String.UnicodeScalarView(visible))
    }
}
