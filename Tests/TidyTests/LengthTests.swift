import Testing

@Suite struct LengthTests {
    static let files = Project.swiftFiles(below: "Sources") + Project.swiftFiles(below: "Tests")

    @Test func filesHaveAtMost300Lines() throws {
        #expect(Self.files.count > 100)
        for file in Self.files {
            let lines =
                try Project.text(file).split(
                    separator: "\n", omittingEmptySubsequences: false
                ).count - 1
            #expect(lines <= 300, "\(file)")
        }
    }

    /// swift-format breaks lines after 100 columns, except strings.
    @Test func linesHaveAtMost120Columns() throws {
        for file in Self.files where !file.hasSuffix("/Routes.swift") {
            let lines = try Project.text(file).split(
                separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() where line.count > 120 {
                Issue.record("\(file):\(index + 1) has \(line.count) columns")
            }
        }
    }

    /// A route table is read by column; swift-format lays out everything else.
    @Test func onlyRouteTablesAreNotFormatted() throws {
        for file in Self.files where !file.hasSuffix("/Routes.swift") {
            let text = try Project.text(file)
            #expect(!text.contains("// swift-format" + "-ignore"), "\(file)")
        }
    }

    @Test func functionsHaveAtMost50Lines() throws {
        for file in Self.files {
            for function in functions(in: try Project.text(file)) {
                #expect(function.lines <= 50, "\(function.name) in \(file)")
            }
        }
    }

    @Test func countsFunctions() {
        let found = functions(
            in: #"""
                protocol P {
                    func none()
                    var x: Int { get }
                }
                // func commented() {
                struct S: P {
                    init(_ a: Int = { 1 }()) {
                        self.init("func quoted() { \("}") ")
                    }

                    func one() {}
                    func many<T>(
                        _ f: () -> T
                    ) -> [T]
                    where T: P {
                        func inner() {
                        }
                        return [f()].map { $0 }
                    }
                }
                """#)
        #expect(found.map(\.name) == ["init", "one", "many", "inner"])
        #expect(found.map(\.lines) == [3, 1, 8, 2])
    }

    /// Every `func`, `init` and `deinit` with a body, with the number of its lines.
    ///
    /// Counts from the line with the keyword to the line with the closing brace. Attributes and
    /// comments above are not counted. The body begins at the first brace outside parentheses.
    /// Accessors and closures are not counted separately.
    private func functions(in source: String) -> [(name: String, lines: Int)] {
        let code = "\n" + SwiftCode(source).text
        // Preceded by a space: after a full stop it is a call.
        return code.matches(of: #/\s(?:func\s+([^\s(<]+)|(init|deinit)(?=[?(<\s]))/#)
            .compactMap { match in
                guard let end = endOfBody(code[match.range.upperBound...]) else { return nil }
                let start = code.index(after: match.range.lowerBound)
                let lines = code[start..<end].count { $0 == "\n" } + 1
                return (String(match.output.1 ?? match.output.2 ?? ""), lines)
            }
    }

    /// The keywords that can begin the next declaration of a protocol.
    private static let declarations: Set<String> = [
        "func", "var", "init", "static", "mutating", "subscript", "associatedtype", "@",
    ]

    /// The end of the body, or nil if another declaration or the end of the protocol comes first.
    private func endOfBody(_ code: Substring) -> String.Index? {
        var parentheses = 0
        var braces = 0
        for index in code.indices {
            switch code[index] {
            case "(", "[": parentheses += 1
            case ")", "]": parentheses -= 1
            case "{" where parentheses == 0 || braces > 0: braces += 1
            case "}" where parentheses == 0 || braces > 0:
                braces -= 1
                if braces <= 0 { return braces == 0 ? index : nil }
            case "\n" where parentheses == 0 && braces == 0:
                let next = code[index...].prefix { $0.isWhitespace }.endIndex
                let word = code[next...].prefix { $0.isLetter || $0 == "@" }
                if LengthTests.declarations.contains(String(word)) { return nil }
            default: break
            }
        }
        return nil
    }
}
