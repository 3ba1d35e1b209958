/// A JSON value as it was sent (RFC 8259), before anybody asked what it should be.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number, in its sender's digits.
    case number(String)
    case string(String)
    case array([JSON])
    /// The members in their order.
    ///
    /// A name may stand twice: whoever reads the object says what that means.
    case object([Member])

    /// A name and its value.
    public struct Member: Sendable, Equatable {
        /// The name with its escapes resolved.
        public let name: String
        /// The value.
        public let value: JSON

        /// A member of an object.
        public init(name: String, value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// Arrays and objects may stand this deep in each other; nothing in the contract needs more
    /// than three.
    public static let depthMax = 64

    /// Parses exactly one JSON text in UTF-8.
    /// - Throws: `Problem` 400 `invalid_json` with the offset in bytes of what could not be read.
    public init(parsing bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer)
            return try parser.document()
        }
    }
}
