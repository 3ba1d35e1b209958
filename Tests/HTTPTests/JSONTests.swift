import HTTP
import Testing

@Suite struct JSONTests {
    @Test(arguments: [
        ("null", "null"), (" true ", "true"), ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "number 9223372036854775808"), ("1.50", "number 1.50"),
        ("[]", "[]"), ("[1, 2]", "[1,2]"),
        (#""a\u00e9\ud83d\ude00\n\/""#, #""aé😀\n/""#), (#""é""#, #""é""#),
        (#"{"a":{"b":[]},"\u0061":1}"#, #"{"a":{"b":[]},"a":1}"#),
    ])
    func reads(text: String, value: String) throws {
        #expect(try ClientJSON(parsing: Array(text.utf8)).written == value)
    }

    /// JSON Schema: a number with a zero fraction is an integer, however it is written.
    @Test(
        arguments: [
            ("1.0", 1), ("1e2", 100), ("-0", 0), ("-0.0e5", 0), ("1E+2", 100), ("1.50e1", 15),
            ("100e-2", 1),
            ("0e999999999999999999999", 0), ("9223372036854775807.000", .max),
            ("-9.223372036854775808e18", .min),
            ("922337203685477580700e-2", .max), ("0.0000000000000000001e19", 1),
            ("1" + String(repeating: "0", count: 100_000) + "e-100000", 1),
        ] as [(String, Int64)])
    func readsIntegers(text: String, value: Int64) throws {
        #expect(try ClientJSON(parsing: Array(text.utf8)).written == "\(value)")
    }

    @Test(arguments: [
        "1.5", "1e-1", "9223372036854775808", "9.223372036854775808e18", "-9223372036854775809",
        "1e19", "1e1000000",
        "1e-1000000", "1e99999999999999999999999999", "0.1e0",
        "1" + String(repeating: "0", count: 100_000),
    ])
    func readsOtherNumbersAsDigits(text: String) throws {
        let begin = ContinuousClock.now
        #expect(try ClientJSON(parsing: Array(text.utf8)).written == "number \(text)")
        #expect(ContinuousClock.now - begin < .seconds(1))
    }

    @Test func boundsTheNumberOfValues() throws {
        func array(_ count: Int) -> [UInt8] {
            Array(("[" + Array(repeating: "0", count: count).joined(separator: ",") + "]").utf8)
        }
        _ = try ClientJSON(parsing: array(ClientJSON.valuesMax - 1))
        let problem = #expect(throws: Problem.self) {
            try ClientJSON(parsing: array(ClientJSON.valuesMax))
        }
        #expect(problem?.status == .contentTooLarge && problem?.code == "payload_too_large")
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":}", "{a:1}", "01", "1.", "+1", ".5", "nul", "[1] 2", "'a'", "\"a",
        #""\x""#, #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\u12g4""#, "\"a\nb\"", "1e",
        "-",
        String(repeating: "[", count: 10_000),
    ])
    func refuses(text: String) {
        #expect(throws: Problem.self) { try ClientJSON(parsing: Array(text.utf8)) }
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
    ])
    func refusesWhatIsNotUTF8(bytes: [UInt8]) {
        #expect(throws: Problem.self) { try ClientJSON(parsing: bytes) }
    }

    @Test func limitsTheNestingDepth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(
                (String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        _ = try ClientJSON(parsing: nested(ClientJSON.depthMax))
        #expect(throws: Problem.self) { try ClientJSON(parsing: nested(ClientJSON.depthMax + 1)) }
    }

    @Test func writesWhatItReads() throws {
        let text = "quote \" slash \\ bell \u{7} line \n tab \t é 😀 \u{7f}"
        let bytes = JSONWriter.bytes(of: [text])
        guard case .array(let elements) = try ClientJSON(parsing: bytes),
            case .string(let read)? = elements.first
        else {
            Issue.record("no array of a string")
            return
        }
        #expect(elements.count == 1 && read.isSame(as: text))
    }

    @Test(arguments: [(0, "0"), (-1, "-1"), (Int64.min, "-9223372036854775808"), (1_000, "1000")])
    func writesIntegers(value: Int64, text: String) {
        #expect(JSONWriter.text(of: value) == text)
    }
}

extension ClientJSON {
    /// JSON without spaces.
    ///
    /// A number that is not a 64-bit integer follows the word `number`.
    fileprivate var written: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let digits): "number \(String(digits.utf8))"
        case .string(let text):
            JSONWriter.text(of: String(text.utf8))
        case .array(let elements): "[\(elements.map(\.written).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\"\($0.name.utf8)\":\($0.value.written)" }.joined(separator: ","))}"
        }
    }
}
