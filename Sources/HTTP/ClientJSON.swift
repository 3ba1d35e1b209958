/// A JSON value that a client sent (RFC 8259).
///
/// Not Equatable, because the text in it is a `ClientText`.
public enum ClientJSON: Sendable {
    case null
    case bool(Bool)
    /// A number whose value is a 64-bit integer, in any notation: `100`, `100.0`, `1e2`.
    case integer(Int64)
    /// Any other number, as the client wrote it.
    case number(ClientText)
    case string(ClientText)
    case array([ClientJSON])
    /// The members in their original order.
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

        /// A member whose name is a constant of the program.
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

    /// The deepest nesting of arrays and objects that the parser accepts.
    ///
    /// The API needs three levels.
    public static let depthMax = 64

    /// The largest number of values that the parser accepts in one text.
    ///
    /// Arrays, objects and the values of their members count. A value takes about 17 bytes of
    /// memory and at least 2 bytes of JSON. The limit keeps the parsed values smaller than the
    /// largest body. An order of 100 items has 302 values.
    public static let valuesMax = 10_000

    /// Parses JSON that the shop has stored, such as an event or the payload of a job.
    ///
    /// It may be larger than what a client may send: an order grows with each shipment and return.
    /// - Throws: `Problem` 400 `invalid_json`.
    public init(stored text: String) throws {
        try self.init(parsing: Array(text.utf8), valuesMax: .max)
    }

    /// Parses exactly one JSON text in UTF-8.
    /// - Throws: `Problem` 400 `invalid_json` with the byte offset of the first fault; 413
    ///   `payload_too_large` above `valuesMax`.
    public init(parsing bytes: [UInt8], valuesMax: Int = ClientJSON.valuesMax) throws {
        self = try bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer, valuesMax: valuesMax)
            return try parser.document()
        }
    }
}
