/// A JSON value that a client sent (RFC 8259).
///
/// Not Equatable, because the text in it is a `ClientText`.
public enum ClientJSON: Sendable {
    case null
    case bool(Bool)
    /// A number whose value is an integer of 64 bits, however it is written: `100`, `100.0`, `1e2`.
    case integer(Int64)
    /// Any other number, in its sender's digits.
    case number(ClientText)
    case string(ClientText)
    case array([ClientJSON])
    /// The members in their order.
    ///
    /// A name may occur twice.
    case object([Member])

    /// A name and its value.
    public struct Member: Sendable {
        /// The name with its escapes resolved.
        public let name: ClientText
        /// The value.
        public let value: ClientJSON

        /// A member of an object.
        public init(name: ClientText, value: ClientJSON) {
            self.name = name
            self.value = value
        }

        /// A member whose name is a word of the program.
        public init(name: String, value: ClientJSON) {
            self.init(name: ClientText(name), value: value)
        }
    }

    /// A string that the program itself provides.
    public static func string(_ text: String) -> ClientJSON { .string(ClientText(text)) }

    /// Whether it is null.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The deepest nesting of arrays and objects that is accepted.
    ///
    /// The API needs three levels.
    public static let depthMax = 64

    /// The largest number of values in one text that is accepted, counting arrays, objects and their
    /// members' values.
    ///
    /// A value takes some 17 bytes and 2 bytes of JSON, so the bound keeps memory below that of the
    /// body. An order of 100 items has 302 values.
    public static let valuesMax = 10_000

    /// Parses exactly one JSON text in UTF-8.
    /// - Throws: `Problem` 400 `invalid_json` with the offset in bytes of the first fault; 413
    ///   `payload_too_large` above `valuesMax`.
    public init(parsing bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer)
            return try parser.document()
        }
    }
}
