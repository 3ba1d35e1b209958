import HTTP
import Testing

@Suite struct JSONTests {
    @Test(arguments: [
        ("null", JSON.null), (" true ", .bool(true)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number("9223372036854775808")), ("1.50", .number("1.50")),
        ("1e3", .number("1e3")), ("[]", .array([])),
        ("[1, 2]", .array([.integer(1), .integer(2)])),
        (#""a\u00e9\ud83d\ude00\n\/""#, .string("aé😀\n/")), (#""é""#, .string("é")),
        (
            #"{"a":{"b":[]},"a":1}"#,
            .object([
                .init(name: "a", value: .object([.init(name: "b", value: .array([]))])),
                .init(name: "a", value: .integer(1)),
            ])
        ),
    ])
    func reads(text: String, value: JSON) throws {
        #expect(try JSON(parsing: Array(text.utf8)) == value)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":}", "{a:1}", "01", "1.", "+1", ".5", "nul", "[1] 2", "'a'", "\"a",
        #""\x""#, #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\u12g4""#, "\"a\nb\"", "1e",
        "-",
        String(repeating: "[", count: 10_000),
    ])
    func refuses(text: String) {
        #expect(throws: Problem.self) { try JSON(parsing: Array(text.utf8)) }
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
    ])
    func refusesWhatIsNotUTF8(bytes: [UInt8]) {
        #expect(throws: Problem.self) { try JSON(parsing: bytes) }
    }

    @Test func nestsAsDeepAsPromisedAndNoDeeper() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(
                (String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        _ = try JSON(parsing: nested(JSON.depthMax))
        #expect(throws: Problem.self) { try JSON(parsing: nested(JSON.depthMax + 1)) }
    }

    @Test func writesWhatItReads() throws {
        let text = "quote \" slash \\ bell \u{7} line \n tab \t é 😀 \u{7f}"
        let bytes = JSONWriter.bytes(of: [text])
        #expect(try JSON(parsing: bytes) == .array([.string(text)]))
    }

    @Test(arguments: [(0, "0"), (-1, "-1"), (Int64.min, "-9223372036854775808"), (1_000, "1000")])
    func writesIntegers(value: Int64, text: String) {
        #expect(String(decoding: JSONWriter.bytes(of: value), as: UTF8.self) == text)
    }
}
