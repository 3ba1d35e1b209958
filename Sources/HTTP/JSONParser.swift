/// A strict recursive-descent parser of the grammar of RFC 8259.
///
/// It rejects comments, trailing commas and unpaired surrogates.
struct JSONParser: ~Copyable {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    private var depth = 0
    private var values = 0
    private let valuesMax: Int

    init(bytes: UnsafeBufferPointer<UInt8>, valuesMax: Int = ClientJSON.valuesMax) {
        self.bytes = bytes
        self.valuesMax = valuesMax
    }

    mutating func document() throws -> ClientJSON {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw failure("nothing more") }
        return value
    }

    private mutating func value() throws -> ClientJSON {
        values += 1
        guard values <= valuesMax else { throw tooManyValues }
        skipSpace()
        guard let byte = peek() else { throw failure("a value") }
        switch byte {
        case UInt8(ascii: "{"): return .object(try nested { try $0.members() })
        case UInt8(ascii: "["): return .array(try nested { try $0.elements() })
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("a value")
        }
    }

    /// Runs `read` one level deeper, after the opening bracket.
    private mutating func nested<T>(_ read: (inout JSONParser) throws -> [T]) throws -> [T] {
        guard depth < ClientJSON.depthMax else {
            throw failure("at most \(ClientJSON.depthMax) levels")
        }
        depth += 1
        position += 1
        let items = try read(&self)
        depth -= 1
        return items
    }

    private mutating func members() throws -> [ClientJSON.Member] {
        var members: [ClientJSON.Member] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return members }
        repeat {
            skipSpace()
            let name = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw failure("a colon") }
            members.append(ClientJSON.Member(name: name, value: try value()))
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("a comma or }") }
        return members
    }

    private mutating func elements() throws -> [ClientJSON] {
        var elements: [ClientJSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return elements }
        repeat {
            elements.append(try value())
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure("a comma or ]") }
        return elements
    }

    private mutating func word(_ word: StaticString, _ value: ClientJSON) throws -> ClientJSON {
        for offset in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[offset]) else { throw failure("\(word)") }
        }
        return value
    }

    private mutating func number() throws -> ClientJSON {
        let start = position
        var isPlain = true
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) {
            isPlain = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isPlain = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let text = bytes[start..<position]
        let integer =
            isPlain && text.count < 19 ? smallInteger(text) : JSONNumber(text).integer
        if let integer { return .integer(integer) }
        return .number(ClientText(String(decoding: text, as: UTF8.self)))
    }

    /// The value of at most 18 characters, which cannot overflow an Int64.
    private func smallInteger(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int64 {
        var value: Int64 = 0
        for byte in text where byte != UInt8(ascii: "-") {
            value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
        }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    private mutating func digits() throws {
        let start = position
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            position += 1
        }
        if position == start { throw failure("a digit") }
    }

    func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    func failure(_ expected: String) -> Problem {
        .badRequest(
            "invalid_json", "The body is not JSON: expected \(expected) at byte \(position).")
    }

    private var tooManyValues: Problem {
        Problem(
            .contentTooLarge, "payload_too_large",
            "The body has more than \(valuesMax) JSON values.")
    }
}
