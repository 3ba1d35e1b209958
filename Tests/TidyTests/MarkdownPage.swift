import Foundation
import Testing

/// A page of the documentation: a Markdown file.
struct MarkdownPage: CustomTestStringConvertible {
    /// Every page, sorted by path.
    static let all: [MarkdownPage] = Project.files(endingIn: ".md").map(MarkdownPage.init)

    /// Its path, relative to the top of the project.
    let path: String
    let text: String
    var testDescription: String { path }

    init(path: String) {
        self.path = path
        text = (try? Project.text(path)) ?? ""
    }

    /// The text without fenced blocks of code, samples and commands.
    var prose: String {
        var isCode = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            if line.hasPrefix("```") { isCode.toggle() }
            return !isCode && !line.hasPrefix("```")
        }.joined(separator: "\n")
    }

    /// The targets of its links and images, except absolute URLs.
    var relativeLinks: [String] {
        prose.matches(of: #/\]\(([^()\s]+)\)/#).map { String($0.output.1) }.filter {
            !$0.hasPrefix("https://") && !$0.hasPrefix("http://")
        }
    }

    /// The anchors that GitHub generates from its headings.
    var anchors: Set<String> {
        Set(
            prose.matches(of: #/(?m)^#+ (.+)$/#).map { heading in
                let kept = heading.output.1.lowercased().filter {
                    $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_"
                }
                return kept.replacing(" ", with: "-")
            })
    }

    /// The path of a link in this page, and the anchor if it has one.
    func target(of link: String) -> (path: String, anchor: String?) {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let anchor = parts.count > 1 ? String(parts[1]) : nil
        guard let first = parts.first, !first.isEmpty else { return (path, anchor) }
        var folders = path.split(separator: "/").dropLast().map(String.init)
        for step in first.split(separator: "/") {
            if step == ".." { _ = folders.popLast() } else { folders.append(String(step)) }
        }
        return (folders.joined(separator: "/"), anchor)
    }

    /// The first cells of the rows of its tables, as written.
    var firstCells: [String] {
        prose.matches(of: #/(?m)^\| (.+?) \|/#).map { String($0.output.1) }
    }

    /// The code in backticks of the first cells.
    var namesInFirstCells: [String] {
        firstCells.flatMap { cell in cell.matches(of: #/`([^`]+)`/#).map { String($0.output.1) } }
    }
}

extension MarkdownPage {
    /// The sentences of its paragraphs, list items, headings and table cells.
    ///
    /// Code and links count as one word.
    var sentences: [String] {
        blocks.flatMap { block in
            let text = block.replacing(#/`[^`]+`/#, with: "code")
                .replacing(#/\[([^\]]*)\]\([^)]*\)/#) { String($0.output.1) }
            return text.split(separator: #/[.?!:](?:\*\*)? +|[.?!]$/#).map(String.init)
        }
    }

    /// Paragraphs, list items, headings and table cells, each on one line.
    private var blocks: [String] {
        var blocks: [String] = []
        var isOpen = false
        for line in prose.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.isEmpty || text.hasPrefix("#") {
                isOpen = false
                if !text.isEmpty { blocks.append(text) }
            } else if text.hasPrefix("|") {
                blocks += text.split(separator: "|").map(String.init)
            } else if let item = text.prefixMatch(of: #/(?:-|\d+\.) /#) {
                blocks.append(String(text[item.range.upperBound...]))
                isOpen = true
            } else if isOpen, let last = blocks.popLast() {
                blocks.append("\(last) \(text)")
            } else {
                blocks.append(text)
                isOpen = true
            }
        }
        return blocks
    }
}
