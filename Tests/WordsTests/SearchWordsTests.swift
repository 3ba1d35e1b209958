import Testing
import Words

/// Whether a query matches a document: every term is one of its words, or a prefix of one.
private func finds(_ typed: String, in document: String) -> Bool {
    let words = searchWords(document).utf8.split(separator: UInt8(ascii: " "))
    let terms = searchTerms(typed)
    return !terms.isEmpty
        && terms.allSatisfy { term in
            words.contains {
                term.isPrefix
                    ? $0.starts(with: term.word.utf8) : $0.elementsEqual(term.word.utf8)
            }
        }
}

@Suite struct SearchWordsTests {
    /// Two spellings of a word that match each other.
    static let pairs: [(script: String, one: String, other: String)] = [
        ("Latin", "Café", "cafe"), ("Latin", "Straße", "STRASSE"), ("Latin", "Łódź", "lodz"),
        ("Latin", "smørrebrød", "smorrebrod"), ("Latin", "İstanbul", "istanbul"),
        ("Latin", "cre\u{300}me", "crème"),
        ("Latin", "Œuvre", "oeuvre"), ("Latin", "ﬁlet", "filet"), ("Latin", "ｔｅａ", "tea"),
        ("Greek", "τσάι", "τσαι"), ("Greek", "ΤΣΆΙ", "τσάι"), ("Greek", "καφές", "ΚΑΦΕΣ"),
        ("Greek", "λόγος", "λογοσ"), ("Greek", "γλυκύ", "γλυκυ\u{301}"),
        ("Greek", "μαϊμού", "μαιμου"), ("Greek", "ᾠδή", "ωδη"),
        ("Cyrillic", "Зелёный", "зеленый"), ("Cyrillic", "чай", "чаи\u{306}"),
        ("Cyrillic", "ЁЛКА", "елка"),
        ("Cyrillic", "Йогурт", "йогурт"), ("Cyrillic", "їжак", "і\u{308}жак"),
        ("Cyrillic", "ПРИВЕТ", "привет"),
        ("Arabic", "شَاي", "شاي"), ("Arabic", "أحمر", "احمر"), ("Arabic", "إبريق", "ابريق"),
        ("Arabic", "قهوة", "قهوه"), ("Arabic", "مقهى", "مقهي"), ("Arabic", "شـــاي", "شاي"),
        ("Arabic", "ا\u{654}حمر", "أحمر"),
        ("Arabic", "ﻻ", "لا"), ("Arabic", "٣", "3"),
        ("Hebrew", "תֵּה", "תה"), ("Hebrew", "קָפֶה", "קפה"), ("Hebrew", "שָׁלוֹם", "שלום"),
        ("Hebrew", "ש\u{5C1}ום", "שום"), ("Hebrew", "בּית", "בית"),
        ("Hangul", "녹차", "\u{1102}\u{1169}\u{11A8}\u{110E}\u{1161}"),
        ("Hangul", "한국", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}"),
        ("Hangul", "커피", "\u{110F}\u{1165}\u{1111}\u{1175}"), ("Hangul", "차", "\u{110E}\u{1161}"),
        ("Hangul", "설탕", "\u{1109}\u{1165}\u{11AF}\u{1110}\u{1161}\u{11BC}"),
        ("kana", "ラテ", "ﾗﾃ"), ("kana", "ガラス", "カ\u{3099}ラス"), ("kana", "パン", "ﾊﾟﾝ"),
        ("kana", "おちゃ", "オチャ"), ("kana", "ココア", "ここあ"), ("kana", "コーヒー", "ｺｰﾋｰ"),
        ("Han", "抹茶", "抹茶"), ("Han", "⼀杯", "一杯"), ("Han", "\u{F9A4}", "\u{637B}"),
        ("Han", "緑茶", "緑茶"), ("Han", "㈱", "(株)"),
        ("Thai", "ชา", "ชา"), ("Thai", "น้ำ", "น้ํา"), ("Thai", "ชาเขียว", "ชาเขียว"),
        ("Thai", "กาแฟ", "กาแฟ"), ("Thai", "ที\u{E48}", "ที่"),
        ("symbols", "C++", "c++"), ("symbols", "C#", "c♯"), ("symbols", "1️⃣", "1"),
        ("symbols", "🎉", "🎉"), ("symbols", "👍🏽", "👍"),
        ("symbols", "☕️", "☕"), ("symbols", "🇩🇪", "🇩🇪"), ("symbols", "AT&T", "at&t"),
        ("symbols", ".NET", "net"),
    ]

    @Test func spellingsMatchEachOther() {
        for (script, one, other) in SearchWordsTests.pairs {
            #expect(finds(one, in: other), "\(script): \(one) in \(other)")
            #expect(finds(other, in: one), "\(script): \(other) in \(one)")
            // A word among others.
            #expect(finds(other, in: "x \(one), y"), "\(script): \(other) among others")
            #expect(finds("\(one) a", in: "a \(other) b"), "\(script): \(one) and more")
        }
    }

    @Test(arguments: [
        ("抹茶", "宇治抹茶ラテ", true), ("宇治", "宇治抹茶ラテ", true), ("ラテ", "宇治抹茶ラテ", true),
        ("治", "宇治抹茶ラテ", true), ("テ", "宇治抹茶ラテ", true), ("抹茶ラ", "宇治抹茶ラテ", true),
        ("茶抹", "宇治抹茶ラテ", false), ("紅茶", "宇治抹茶ラテ", false),
        ("녹차", "제주녹차세트", true), ("세트", "제주녹차세트", true), ("차녹", "제주녹차세트", false),
        ("เขียว", "ชาเขียวมัทฉะ", true), ("มัทฉะ", "ชาเขียวมัทฉะ", true), ("กาแฟ", "ชาเขียวมัทฉะ", false),
        ("latte", "抹茶latte", true), ("抹茶 la", "抹茶latte", true),
        ("c", "learn C++ now", true), ("c++", "learn C now", false), ("c#", "learn C++", false),
        ("c now", "learn C++ now", true), ("1+1", "1 1", true),
        ("и", "й", false), ("ハン", "バン", false),
        ("nike", "Nike™ shoes", true), ("m2", "12 m²", true),
        ("soft", "so\u{AD}ft", true), ("ชา เขียว", "ชา\u{200B}เขียว", true),
        ("👩", "👩‍👩‍👧", true), ("🎉 hats", "Party 🎉 hats", true),
        ("नमस्ते", "नमस्ते दुनिया", true), ("নমস্কার", "নমস্কার", true),
    ])
    func findsParts(typed: String, in document: String, isFound: Bool) {
        #expect(finds(typed, in: document) == isFound, "\(typed) in \(document)")
    }

    @Test(
        arguments: [
            ("a-a-a-A-á-a", ["a*"]),
            ("Mint, tea!", ["mint", "tea*"]),
            ("tea mint tea", ["mint", "tea*"]),
            ("X_9.b", ["x", "9", "b*"]),
            ("東京都", ["東京", "京都*"]),
            ("東", ["東*"]),
            ("東 a", ["東*", "a*"]),
            ("c++ c", ["c＋＋", "c*"]),
            ("\" * AND", ["and*"]),
            ("'\u{301} \u{200B}\u{FFFD}\u{10FFFF}", []),
        ] as [(String, [String])])
    func cutsAQuery(typed: String, terms: [String]) {
        #expect(searchTerms(typed).map { $0.isPrefix ? "\($0.word)*" : $0.word } == terms)
    }

    @Test func containsOnlyIndexableCharacters() {
        let text = String(
            String.UnicodeScalarView((1...0x2FFFF).compactMap(Unicode.Scalar.init)))
        for byte in searchWords(text).utf8 where byte < 0x80 {
            let isWord =
                byte == 0x20 || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
            #expect(isWord, "\(byte)")
        }
    }

    /// The work is linear: the length of a text bounds its words, and runs of marks are short.
    @Test func boundsMarksAndWords() {
        let marks = String(repeating: "\u{301}\u{323}", count: 2500)
        #expect(searchWords("e" + marks) == "e")
        // Marks of two classes, at most 30 in a run and 8 for a character.
        let kept = String(repeating: "\u{E48}\u{E38}", count: 2500)
        #expect(searchWords("ก" + kept).unicodeScalars.count == 9)
        #expect(foldedKey("a" + kept).unicodeScalars.count == 31)
        #expect(searchWords(String(repeating: "a", count: 5000)).utf8.count == 64)
        #expect(searchWords(kept) == "")
        let expanding = String(repeating: "\u{FDFA}", count: 5000)
        #expect(searchWords(expanding).utf8.count < 5000 * 40)
    }
}

@Suite struct SortKeyTests {
    @Test func ordersLikeADictionary() {
        let names = [
            "(box)", "12", "apple", "Apple", "Äpfel", "apple pie", "banana", "Éclair", "eclairs",
            "öl", "zebra", "Ёлка", "ель", "игра", "йод", "кот",
        ]
        let sorted = names.shuffled().sorted {
            sortKey($0).utf8.lexicographicallyPrecedes(sortKey($1).utf8)
        }
        #expect(
            sorted == [
                "(box)", "12", "Äpfel", "Apple", "apple", "apple pie", "banana", "Éclair",
                "eclairs", "öl", "zebra", "Ёлка", "ель", "игра", "йод", "кот",
            ])
    }

    @Test func foldsWithoutCutting() {
        #expect(foldedKey("Ádá  O'Brien-ß") == "ada  o'brien-ss")
        #expect(sortKey("É") == "e\u{1}É")
        #expect(foldedKey(String(repeating: "\u{FDFA}", count: 120)).unicodeScalars.count == 200)
    }
}
