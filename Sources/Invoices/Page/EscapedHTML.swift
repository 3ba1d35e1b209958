/// HTML that is built from constants and escaped texts.
///
/// Text of a person enters only by `text`, so that none becomes markup.
struct EscapedHTML: Sendable {
    private(set) var html = ""

    /// Adds markup, which is a constant of the program.
    mutating func markup(_ constant: StaticString) {
        html += "\(constant)"
    }

    /// Adds a style sheet, which is a constant of the program.
    mutating func style(_ constant: String) {
        html += constant
    }

    /// Adds text as the content of an element or of a quoted attribute.
    mutating func text(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            case "'": html += "&#39;"
            default: html.unicodeScalars.append(scalar)
            }
        }
    }

    /// Adds text between two constants, such as `<td>` and `</td>`.
    mutating func text(_ text: String, in start: StaticString, _ end: StaticString) {
        markup(start)
        self.text(text)
        markup(end)
    }
}

/// Returns an amount for people: minor units with `digits` decimals, and a space between thousands.
func decimal(_ minorUnits: Int64, digits count: Int) -> String {
    var digits = String(minorUnits.magnitude)
    while digits.utf8.count <= count { digits = "0" + digits }
    let whole = Array(digits.dropLast(count))
    var text = minorUnits < 0 ? "\u{2212}" : ""
    for (index, digit) in whole.enumerated() {
        if index > 0, (whole.count - index) % 3 == 0 { text += "\u{202F}" }
        text.append(digit)
    }
    return count > 0 ? "\(text).\(digits.suffix(count))" : text
}

/// Returns a rate in basis points for people: `19 %`, `7.7 %`.
func percent(_ basisPoints: Int64) -> String {
    var text = decimal(basisPoints, digits: 2)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return "\(text)\u{202F}%"
}
