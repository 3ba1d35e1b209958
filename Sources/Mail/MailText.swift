import Service

/// A message's subject and text, with a value for each placeholder `{{ name }}`.
///
/// A template begins with `Subject: …` and an empty line. An empty value removes its line. A value
/// loses characters that cannot be read, or change the order of the text.
public struct MailText: Sendable, Equatable {
    /// One line.
    public let subject: String
    /// The plain text, with line feeds.
    public let body: String

    /// Fills a template.
    /// - Throws: `TemplateFault` if it has no subject, or a placeholder without a value.
    public init(filling template: String, with values: [String: String]) throws(TemplateFault) {
        var lines = template.split(separator: "\n", omittingEmptySubsequences: false)
        let prefix = "Subject: "
        guard lines.count > 2, lines[0].hasPrefix(prefix), lines[1].isEmpty else {
            throw TemplateFault("must begin with 'Subject: …' and an empty line.")
        }
        let subject = try Self.fill(lines[0].dropFirst(prefix.count), values)
        self.subject = subject.map { $0.isNewline ? " " : String($0) }.joined()
        lines.removeFirst(2)
        var filled: [String] = []
        for line in lines {
            let text = try Self.fill(line, values)
            // A placeholder alone on its line, whose value is empty, goes with the line after it.
            if text.isEmpty, filled.last?.isEmpty ?? true { continue }
            filled.append(text)
        }
        while filled.last?.isEmpty == true { filled.removeLast() }
        body = filled.joined(separator: "\n") + "\n"
    }

    /// The names of the placeholders of a template.
    public static func placeholders(of template: String) -> Set<String> {
        Set(template.split(separator: "\n").flatMap { parts(of: $0) }.compactMap(\.name))
    }

    private static func fill(_ line: Substring, _ values: [String: String])
        throws(TemplateFault) -> String
    {
        var filled = ""
        for part in parts(of: line) {
            filled += part.text
            guard let name = part.name else { continue }
            guard let value = values[name] else {
                throw TemplateFault("has the unknown placeholder '\(name)'.")
            }
            filled += value.readable
        }
        return filled
    }

    /// The pieces of a line: text, followed by a placeholder or nothing.
    private static func parts(of line: Substring) -> [(text: Substring, name: String?)] {
        var parts: [(Substring, String?)] = []
        var rest = line
        while let open = rest.firstRange(of: "{{"),
            let close = rest[open.upperBound...].firstRange(of: "}}")
        {
            let name = rest[open.upperBound..<close.lowerBound].filter { $0 != " " }
            parts.append((rest[..<open.lowerBound], name))
            rest = rest[close.upperBound...]
        }
        return parts + [(rest, nil)]
    }
}

extension Substring {
    /// The first occurrence of a text of two characters.
    fileprivate func firstRange(of pair: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(pair) { return start..<index(start, offsetBy: 2) }
            start = index(after: start)
        }
        return nil
    }
}

/// Why a template cannot be used.
public struct TemplateFault: Error, CustomStringConvertible, Sendable {
    /// A sentence without its subject, the file.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
