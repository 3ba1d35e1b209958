/// The HTML form of a plain text: paragraphs, links, and tokens on a line of their own.
enum HTMLText {
    /// The longest line that is shown as a token, and the shortest.
    private static let tokenLength = 32...200

    static func document(of text: String) -> String {
        let paragraphs = text.split(separator: "\n\n").map { paragraph in
            let lines = paragraph.split(separator: "\n").map(line).joined(separator: "<br>\n")
            return "<p>\(lines)</p>"
        }
        return """
            <!DOCTYPE html>
            <html><head><meta charset="utf-8"></head>
            <body style="font-family: sans-serif; line-height: 1.5; max-width: 40em">
            \(paragraphs.joined(separator: "\n"))
            </body></html>

            """
    }

    private static func line(_ line: Substring) -> String {
        let text = escaped(line)
        let isOneWord = !line.contains { $0.isWhitespace }
        if isOneWord, line.hasPrefix("https://") || line.hasPrefix("http://") {
            return "<a href=\"\(text)\">\(text)</a>"
        }
        if isOneWord, tokenLength.contains(line.utf8.count) {
            return "<code style=\"font-size: 1.1em\">\(text)</code>"
        }
        return text
    }

    private static func escaped(_ text: Substring) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
