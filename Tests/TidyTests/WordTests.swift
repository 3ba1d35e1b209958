import Foundation
import Testing

/// Refuses words and phrases that are hard to read, in all prose of the project: pages, comments,
/// messages, help texts and configuration.
///
/// Pages (`*.md`) must have none. Each other area may have as many as `words.txt` says, a number
/// that only shrinks: `UPDATE_WORDS=1 swift test --filter WordTests` lowers it to the present one.
@Suite struct WordTests {
    /// A regular expression (ICU, case-insensitive), and what to write instead.
    static let refused: [(pattern: String, better: String)] = [
        (#"\bbe it\b"#, "name the cases, or \"if\""),
        (#"\bbut for\b"#, "except"),
        (#"^(?!.*\bneither\b).*\bnor\b"#, "and not; a sentence of its own"),
        (#"\bwho(?:so)?ever\b"#, "the client that, anyone who"),
        (#"\b(?:may |must )?(?:stands?|stood)\b(?! alone| by\b)"#, "is"),
        (
            #"\bbehind (?!(?:the same |real |a |an |one |its )?(?:nginx|proxy|proxies|CDN|load balancer|address)\b)"#,
            "after; \"in\" for a store"
        ),
        (
            #"\bwhere (?:there|nobody|it|they|someone|somebody|something|nothing|none|no|everybody|he|she)\b"#,
            "if, when"
        ),
        (#"\bat work\b|\bunder way\b"#, "in progress, running"),
        (#"\bbears?\b"#, "allows, supports, accepts"),
        (#"\btakes? the role\b"#, "requires the role"),
        (#"\b(?:is|are|was|were|be|been) told\b"#, "gets, knows, reads"),
        (#"\btells? (?:of|how|what|which|that|whether|when|from)\b"#, "says, shows, reports"),
        (
            #"\bwho (?:sends|asks|comes|waits|guesses|fails|sells|buys|pays|reads|writes|looks)\b"#,
            "the client that; a noun"
        ),
        (#"\bshel(?:f|ves)\b"#, "stock"),
        (#"\b(?:a|the|each|one|every) sale\b"#, "an order"),
        (#"\bdoors?\b"#, "an endpoint"),
        (#"\b(?:there|here)(?:by|in|of|upon|with)\b"#, "name the thing"),
        (#"\bupon\b|\blest\b|\bhence\b"#, "on; so that … not; so"),
        (#"\bmade good\b|\bmends?\b|\bmended\b"#, "repaired, succeeded"),
        (#"\ball else\b|\bnext to nothing\b"#, "the rest; almost nothing"),
        (#"\blies\b"#, "is"),
        (#"\bnobody's\b|\beverybody's\b|\bsomebody's\b"#, "anonymous; name the owner"),
        (#"\bhad better\b|\bwould fain\b|\bin vain\b"#, "should; without success"),
        (#"\bthe like\b"#, "name them"),
    ]

    private static let words = refused.map { word in
        (
            expression: try? NSRegularExpression(
                pattern: word.pattern, options: [.caseInsensitive, .anchorsMatchLines]), word: word
        )
    }

    /// The matches in one file, as `path:line: word → better`.
    private static func found(in path: String) throws -> [String] {
        let text = try Project.text(path)
        let whole = NSRange(text.startIndex..., in: text)
        return words.flatMap { expression, word in
            (expression?.matches(in: text, range: whole) ?? []).compactMap { match in
                guard let range = Range(match.range, in: text) else { return nil }
                let line = text[..<range.lowerBound].count { $0 == "\n" } + 1
                return "\(path):\(line): \"\(text[range].suffix(60))\" → \(word.better)"
            }
        }
    }

    /// The files with prose, without word lists and generated files.
    private static let files = Project.files.filter { path in
        let isProse = [
            ".md", ".swift", ".yaml", ".yml", ".conf", ".sh", ".py", ".pl", ".html", ".js", ".nft",
            ".service", ".socket", ".target", ".timer", ".slice", ".env", "Makefile", ".h", ".lua",
        ].contains { path.hasSuffix($0) }
        let isHelp = path.hasPrefix("Tests/SoukTests/Help/") || path.hasPrefix("debian/")
        return (isProse || isHelp) && !path.hasSuffix("WordTests.swift") && !path.hasPrefix("dist/")
    }

    /// The first two folders of a path, because files often move inside them.
    private static func area(of path: String) -> String {
        let folders = path.split(separator: "/").dropLast().prefix(2)
        return folders.isEmpty ? path : folders.joined(separator: "/")
    }

    @Test func pagesHaveNone() throws {
        for page in MarkdownPage.all {
            let found = try Self.found(in: page.path)
            #expect(found == [])
        }
    }

    @Test func noAreaHasMoreThanBefore() throws {
        var found: [String: [String]] = [:]
        for path in Self.files where !path.hasSuffix(".md") {
            found[Self.area(of: path), default: []] += try Self.found(in: path)
        }
        let ratchet = Project.folder.appending(path: "Tests/TidyTests/words.txt")
        let lines = try String(contentsOf: ratchet, encoding: .utf8).split(separator: "\n")
        let allowed = Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let parts = line.split(separator: " ", maxSplits: 1)
                return (String(parts[1]), Int(parts[0]) ?? 0)
            })
        for (area, places) in found.sorted(by: { $0.key < $1.key }) {
            let most = allowed[area] ?? 0
            #expect(
                places.count <= most,
                "\(area) may have \(most), has \(places.count):\n\(places.joined(separator: "\n"))")
        }
        guard ProcessInfo.processInfo.environment["UPDATE_WORDS"] == "1" else { return }
        let fewer = allowed.sorted { $0.key < $1.key }.compactMap { area, most in
            let count = min(most, found[area]?.count ?? 0)
            return count == 0 ? nil : "\(count) \(area)\n"
        }
        try Data(fewer.joined().utf8).write(to: ratchet)
    }

    /// Each pattern matches its example and does not match plain English.
    @Test func patternsWork() throws {
        let bad = [
            "be it a token", "all but for one", "reads nor writes", "whoever asks",
            "it stands here",
            "behind each of them", "where there is none", "a read at work", "does not bear it",
            "This takes the role staff.", "is told once", "it tells of", "who sends it",
            "the shelf",
            "a sale", "the door", "therein", "upon this", "made good", "all else", "it lies there",
            "nobody's", "had better", "and the like",
        ]
        #expect(bad.count == Self.words.count)
        for (text, word) in zip(bad, Self.words) {
            let whole = NSRange(text.startIndex..., in: text)
            #expect(word.expression?.firstMatch(in: text, range: whole) != nil, "\(text)")
        }
        for text in [
            "neither reads nor writes", "responders behind nginx", "a standalone binary",
            "Requires the role staff.", "the bearer token", "the sales responder", "on sale",
        ] {
            let whole = NSRange(text.startIndex..., in: text)
            for word in Self.words {
                let found = word.expression?.firstMatch(in: text, range: whole)
                #expect(found == nil, "\(text): \(word.word.pattern)")
            }
        }
    }
}
