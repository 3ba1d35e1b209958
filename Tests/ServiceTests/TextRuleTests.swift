import Testing

@testable import Service

@Suite struct TextRuleTests {
    @Test(arguments: [
        "", "a", "Zoë", "e\u{301}", "山田 太郎", "Ольга", "שָׁלוֹם", "محمد", "กำแพง", "한글",
        "\u{1112}\u{1161}\u{11AB}",
        // Emoji: a variation selector, a skin tone, a family joined by ZWJ, a flag, a keycap.
        "❤\u{FE0F}", "👍🏽", "👨\u{200D}👩\u{200D}👧", "🏳\u{FE0F}\u{200D}🌈", "🇩🇪", "1\u{FE0F}\u{20E3}",
        // Scripts that need joiners: Persian, Sinhala, a Japanese name with a variant.
        "می\u{200C}خواهم", "ශ්\u{200D}රී", "葛\u{E0100}城", "\u{0600}123", "a\u{A0}b", "a\u{3000}b",
        "½ € ™ ≠",
        "a" + String(repeating: "\u{301}", count: 30), String(repeating: "a\u{301}", count: 100),
    ])
    func accepts(text: String) {
        #expect(TextRule.accepts(text, lineBreaks: false))
        #expect(TextRule.accepts(text, lineBreaks: true))
    }

    @Test(arguments: [
        // Text without any visible character.
        " ", "   ", "\u{A0}", "\u{3000}\u{2003}", "\u{2800}", "\u{301}", "\u{FE0F}",
        // Invisible letters, joiners and marks.
        "\u{3164}", "a\u{3164}", "a\u{115F}", "a\u{1160}", "a\u{FFA0}", "a\u{34F}b", "a\u{17B4}",
        "a\u{200B}b", "a\u{AD}b", "a\u{2060}b", "a\u{2064}b", "\u{FEFF}a",
        // Line breaks.
        "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "a\u{B}b", "a\u{0}", "\u{7F}",
        // Characters that change the direction of the text after them.
        "a\u{202A}b", "a\u{202E}b", "a\u{2066}b", "a\u{2069}b", "a\u{200E}b", "a\u{61C}b",
        // Tags, private use, unassigned code points, noncharacters.
        "a\u{E0001}", "a\u{E0041}", "a\u{E000}", "a\u{F0000}", "a\u{378}",
        // Joiners and selectors that have nothing to join.
        "a\u{200D}b", "a\u{200C}", "\u{200D}👧", "👨\u{200D}", "👨\u{200D}\u{200D}👩", "م\u{200C} ",
        "a \u{FE0F}", "❤\u{FE0F}\u{FE0F}", "م\u{200C}b",
        "a" + String(repeating: "\u{301}", count: 31),
        "a" + String(repeating: "\u{301}\u{323}", count: 500),
    ])
    func refuses(text: String) {
        #expect(!TextRule.accepts(text, lineBreaks: false), "\(text.unicodeScalars.map(\.value))")
        #expect(!TextRule.accepts(text, lineBreaks: true))
    }

    /// Swift does not allow them in literals.
    @Test(arguments: [0xFFFE, 0xFFFF, 0xFDD0, 0x10FFFF] as [UInt32])
    func refusesNoncharacters(value: UInt32) throws {
        let text = "a\(try #require(Unicode.Scalar(value)))"
        #expect(!TextRule.accepts(text, lineBreaks: true))
    }

    @Test func allowsLineBreaksAndTabsInTextOfManyLines() {
        #expect(TextRule.accepts("a\r\nb\tc", lineBreaks: true))
        for text in ["a\nb", "a\rb", "a\tb"] { #expect(!TextRule.accepts(text, lineBreaks: false)) }
        #expect(!TextRule.accepts("\r\n\t", lineBreaks: true))
    }

    @Test func boundsRunsOfMarks() {
        #expect(TextRule.boundsRuns("a" + String(repeating: "\u{323}", count: 30)))
        #expect(!TextRule.boundsRuns("a" + String(repeating: "\u{323}", count: 31)))
    }
}
