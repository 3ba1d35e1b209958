import Testing

/// Finds expensive text operations that the type `ClientText` cannot prevent in code that serves
/// requests.
///
/// Operations on characters, case and canonical equivalence take quadratic time in the length of a
/// run of combining marks. Private interfaces of the standard library may change.
@Suite struct UnicodeCostTests {
    static let folders = [
        "HTTP", "FastCGI", "Service", "Customers", "Inventory", "Sales", "Reviews",
    ]

    /// Files that handle the program's own text only.
    static let exceptions: Set<String> = [
        "Sources/FastCGI/Notifier.swift"
    ]

    static var refused: [(pattern: Regex<Substring>, reason: String)] {
        [
            (#/\b_nfc\b|\b_nfd\b|@_spi\b/#, "is private to the standard library"),
            (#/\.(?:lowercased|uppercased)\(\)/#, "changes by characters: use asciiLowercased"),
            (
                #/\.(?:isWhitespace|isLetter|isNewline|hexDigitValue)\b/#,
                "looks at characters: use bytes"
            ),
            (#/\bCharacter\b/#, "is a grapheme: use bytes or Unicode.Scalar"),
            (
                #/\.(?:caseInsensitiveCompare|localizedCompare|folding|precomposed\w+)\b/#,
                "compares by characters"
            ),
            (
                #/
                \brequest\.(?:path|query)\s*(?:==|!=)
                | \brequest\.(?:path|query)\.(?:hasPrefix|hasSuffix|contains|split|count|first|prefix)\b
                /#,
                "reads a client's text by characters: use its utf8"
            ),
        ]
    }

    @Test func requestsAreReadByBytes() throws {
        var count = 0
        for folder in Self.folders {
            for file in Project.swiftFiles(below: "Sources/\(folder)")
            where !Self.exceptions.contains(file) {
                count += 1
                // A property of a scalar is looked up in constant time.
                let code = SwiftCode(try Project.text(file)).text
                    .replacing("properties.isWhitespace", with: "")
                for (pattern, reason) in Self.refused {
                    let found = code.matches(of: pattern).map { String($0.output) }
                    #expect(found == [], "\(file): \(reason)")
                }
            }
        }
        #expect(count > 100)
    }

    @Test func patternsWork() {
        let code = "text._nfc; a.lowercased(); b.allSatisfy(\\.isWhitespace); request.path == p"
        #expect(Self.refused.filter { code.contains($0.pattern) }.count == 4)
    }
}
