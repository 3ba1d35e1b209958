import HTTP
import TestShop
import Testing

@Suite struct ClientTextTests {
    @Test func comparesBytes() {
        #expect(ClientText("sort").isSame(as: "sort"))
        #expect(!ClientText("sort").isSame(as: "sorts"))
        // The same character composed and decomposed, and the kelvin sign, which Swift treats as
        // equal to K.
        #expect(!ClientText("\u{E9}").isSame(as: "e\u{301}"))
        #expect(!ClientText("\u{212A}").isSame(as: "K"))
        #expect(ClientText("").isSame(as: ""))
    }

    @Test func returnsItsTextWithinABound() {
        #expect(ClientText("äb").string(bytesMax: 3) == "äb")
        #expect(ClientText("äb").string(bytesMax: 2) == nil)
    }

    @Test func cutsBetweenCodePoints() {
        let text = ClientText("aä😀")
        #expect(
            (0...7).map { text.beginning(bytesMax: $0) } == [
                "", "a", "a", "aä", "aä", "aä", "aä", "aä😀",
            ])
    }

    static let given = #"""
        import HTTP
        let a = ClientText("a"), b = ClientText("b"), json = ClientJSON.null, text = "a"
        let member = ClientJSON.Member(name: text, value: json)
        """#

    @Test(arguments: [
        "let x = a == b", "let x = a == text", "let x = a != \"a\"", "let x = [a: 1]",
        "let x: Set<ClientText> = []", "let x = json == json", "let x = member.name == text",
        "let x = member == member", "let x = a < b", "let x: String = a", "let x = a.lowercased()",
        "let x = a.first", "switch a { case \"a\": break; default: break }",
        "let x = [a].contains(a)", "let x = [text].contains(a)", "let x = String(a)",
    ])
    func isNotComparedAsAString(line: String) throws {
        let output = try Compiler.typecheck("\(Self.given)\n\(line)\n")
        #expect(output.contains("error:"), "\(line) compiles")
        #expect(!output.contains("no such module"), "\(output)")
    }

    @Test func acceptsComparisonsOfBytes() throws {
        let line = #"let x = a.isSame(as: text), y = a.string(bytesMax: 3)"#
        #expect(try Compiler.typecheck("\(Self.given)\n\(line)\n") == "")
    }
}
