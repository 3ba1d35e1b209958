/// Which characters a text that people read may have.
///
/// Refused are characters that nobody sees, that break a line, or that change the order of what
/// follows: the general categories Cc, Cf, Zl, Zp, Co and Cn (UAX #44), and whatever else Unicode
/// lists as Default_Ignorable, such as the Hangul fillers. Exceptions, because scripts need them:
/// - variation selectors directly after a visible character (emoji, Japanese names),
/// - ZWJ and ZWNJ between two letters, marks or emoji beyond ASCII (Persian, Indic scripts),
/// - the Arabic and Kaithi number signs, which are visible though their category is Cf.
enum TextRule {
    /// The longest run of combining marks that is accepted, as in the Stream-Safe Text Format (UAX
    /// #15 §13).
    ///
    /// Text of any language has at most ten or so.
    static let nonStartersMax = 30

    /// Whether a person can read every character of `text`, and one of them at least is neither a
    /// space nor a lone mark.
    ///
    /// Takes time in proportion to the length, so measure that before.
    static func accepts(_ text: String, lineBreaks: Bool) -> Bool {
        var isBlank = true
        var marks = 0
        var previous: Unicode.Scalar?
        var mustJoin = false
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                guard scalar.isPrintableASCII || lineBreaks && scalar.isLineBreakOrTab, !mustJoin
                else { return false }
                if scalar.value > 0x20 { isBlank = false }
                marks = 0
                previous = scalar
                continue
            }
            marks = scalar.isNonStarter ? marks + 1 : 0
            guard marks <= nonStartersMax else { return false }
            if scalar.isJoiner {
                guard !mustJoin, previous?.canBeJoined == true else { return false }
                mustJoin = true
            } else if scalar.properties.isVariationSelector {
                guard !mustJoin, previous?.isVisible == true else { return false }
            } else {
                guard scalar.isAllowed, !mustJoin || scalar.canBeJoined else { return false }
                mustJoin = false
                if scalar.isVisible { isBlank = false }
            }
            previous = scalar
        }
        return !mustJoin && (text.isEmpty || !isBlank)
    }

    /// Whether no run of combining marks in `text` is longer than `nonStartersMax`.
    static func boundsRuns(_ text: String) -> Bool {
        var marks = 0
        for scalar in text.unicodeScalars {
            marks = !scalar.isASCII && scalar.isNonStarter ? marks + 1 : 0
            guard marks <= nonStartersMax else { return false }
        }
        return true
    }
}

extension Unicode.Scalar {
    fileprivate var isPrintableASCII: Bool { value >= 0x20 && value < 0x7F }

    fileprivate var isLineBreakOrTab: Bool { self == "\n" || self == "\r" || self == "\t" }

    fileprivate var isJoiner: Bool { self == "\u{200C}" || self == "\u{200D}" }

    fileprivate var isNonStarter: Bool { properties.canonicalCombiningClass != .notReordered }

    fileprivate var isAllowed: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
            false
        case .format: isNumberSign
        default: !properties.isDefaultIgnorableCodePoint
        }
    }

    /// Unicode's Prepended_Concatenation_Mark: a visible sign around the digits that follow.
    private var isNumberSign: Bool {
        switch value {
        case 0x0600...0x0605, 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD: true
        default: false
        }
    }

    /// Whether it leaves ink of its own.
    fileprivate var isVisible: Bool {
        switch properties.generalCategory {
        case .spaceSeparator, .nonspacingMark: false
        // The Braille pattern without dots.
        default: isAllowed && value > 0x20 && value != 0x2800
        }
    }

    /// Whether ZWJ or ZWNJ may be beside it.
    fileprivate var canBeJoined: Bool {
        guard !isASCII else { return false }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            return !properties.isDefaultIgnorableCodePoint
        case .nonspacingMark, .spacingMark:
            return isAllowed || properties.isVariationSelector
        default: return properties.isEmoji || properties.isEmojiModifier
        }
    }
}
