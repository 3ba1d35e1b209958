public import HTTP
public import Testing

/// A value of one field, just inside or just outside the range that openapi.yaml allows.
public struct Bound: Sendable {
    /// The field as a problem's `errors` name it.
    public let field: String
    /// The value as JSON.
    public let value: String
    let isInside: Bool

    /// Values that are accepted.
    public static func inside(_ field: String, _ values: String...) -> [Bound] {
        values.map { Bound(field: field, value: $0, isInside: true) }
    }

    /// Values that are rejected.
    public static func outside(_ field: String, _ values: String...) -> [Bound] {
        values.map { Bound(field: field, value: $0, isInside: false) }
    }

    /// A JSON string of `count` characters, each of two bytes.
    public static func text(_ count: Int) -> String {
        "\"\(String(repeating: "ä", count: count))\""
    }

    /// A JSON string of `count` ASCII letters.
    public static func ascii(_ count: Int) -> String {
        "\"\(String(repeating: "a", count: count))\""
    }

    /// Checks the response to a request that is valid except for this field.
    ///
    /// It is accepted, or rejected with exactly this fault.
    public func check(_ response: Response, at location: SourceLocation = #_sourceLocation) throws {
        let about: Comment = "\(field): \(value.prefix(60)) gave \(response.text.prefix(300))"
        if isInside {
            #expect(response.status.kind == .successful, about, sourceLocation: location)
        } else {
            #expect(response.status.code == 422, about, sourceLocation: location)
            #expect(try response.json["code"] == "invalid_request", about, sourceLocation: location)
            #expect(try response.faults == [field], about, sourceLocation: location)
        }
    }
}

extension Response {
    /// The fields that a problem's `errors` name, in their order.
    public var faults: [String] {
        get throws {
            try (json["errors"]?.elements ?? []).compactMap { $0["field"]?.text }
        }
    }
}

extension JSON: ExpressibleByStringLiteral {
    /// A string, so that an expectation reads like JSON.
    public init(stringLiteral text: String) { self = .string(text) }
}

extension JSON: ExpressibleByIntegerLiteral {
    /// A number, so that an expectation reads like JSON.
    public init(integerLiteral number: Int64) { self = .integer(number) }
}

extension JSON {
    /// The text of a string, or nil.
    public var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number, or nil.
    public var integer: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }
}
