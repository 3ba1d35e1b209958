import HTTP

/// A JSON value of a response, for comparisons in tests.
///
/// The type of requests is `ClientJSON`, which cannot be compared.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(String)
    case string(String)
    case array([JSON])
    case object([Member])

    /// A name and its value.
    public struct Member: Sendable, Equatable {
        /// The name.
        public let name: String
        /// The value.
        public let value: JSON

        /// A member of an object.
        public init(name: String, value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// Parses exactly one JSON text of a response or a document of the project, of any size.
    ///
    /// - Throws: `Problem` if it is not valid.
    public init(parsing bytes: [UInt8]) throws {
        self.init(try ClientJSON(parsing: bytes, valuesMax: .max))
    }

    private init(_ json: ClientJSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let digits): self = .number(String(digits.utf8))
        case .string(let text): self = .string(String(text.utf8))
        case .array(let elements): self = .array(elements.map { JSON($0) })
        case .object(let members):
            self = .object(
                members.map { Member(name: String($0.name.utf8), value: JSON($0.value)) })
        }
    }
}
