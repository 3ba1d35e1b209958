/// The characters that are allowed in a text that people read.
///
/// It rejects characters that are invisible, break a line, or change the order of the following
/// text. These are the general categories Cc, Cf, Zl, Zp, Co and Cn (UAX #44), and the
/// Default_Ignorable ones, such as the Hangul fillers. Some scripts need exceptions:
/// - variation selectors directly after a visible character (emoji, Japanese names),
/// - ZWJ and ZWNJ between two letters, marks or emoji beyond ASCII (Persian, Indic scripts),
/// - the Arabic and Kaithi number signs, which are visible although their category is Cf.
enum TextRule {
    /// The longest accepted run of combining marks, as in the Stream-Safe Text Format (UAX #15
    /// §13).
    ///
    /// Text of any language has about ten at most.
    static let nonStartersMax = 30

    /// Whether all characters of `text` are readable and at least one is more than a space or a
    /// mark.
    ///
    /// The time is proportional to the length, so limit the length first.
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

extension String {
    /// The text without the characters that `TextRule` rejects.
    ///
    /// Text that a client did not send as a field may contain them, such as the name of a program.
    public var readable: String {
        let scalars = Array(unicodeScalars)
        var kept = String.UnicodeScalarView()
        var marks = 0
        for (index, scalar) in scalars.enumerated() {
            if scalar.isASCII {
                guard scalar.isPrintableASCII || scalar.isLineBreakOrTab else { continue }
                marks = 0
                kept.append(scalar)
                continue
            }
            marks = scalar.isNonStarter ? marks + 1 : 0
            guard marks <= TextRule.nonStartersMax else { continue }
            let isKept =
                if scalar.isJoiner {
                    kept.last?.canBeJoined == true && index + 1 < scalars.count
                        && scalars[index + 1].canBeJoined
                } else if scalar.properties.isVariationSelector {
                    kept.last?.isVisible == true
                } else {
                    scalar.isAllowed
                }
            if isKept { kept.append(scalar) }
        }
        return String(kept)
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

    /// Unicode's Prepended_Concatenation_Mark: a visible sign around the following digits.
    private var isNumberSign: Bool {
        switch value {
        case 0x0600...0x0605, 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD: true
        default: false
        }
    }

    /// Whether the character is visible by itself.
    fileprivate var isVisible: Bool {
        switch properties.generalCategory {
        case .spaceSeparator, .nonspacingMark: false
        // The blank Braille pattern is invisible.
        default: isAllowed && value > 0x20 && value != 0x2800
        }
    }

    /// Whether ZWJ or ZWNJ may be next to the character.
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
