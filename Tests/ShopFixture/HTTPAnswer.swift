import HTTP
import TestShop
public import Testing

/// An HTTP response.
public struct HTTPAnswer: Sendable, CustomStringConvertible {
    /// The status code.
    public let status: Int
    /// The header fields in their order.
    public var fields: [(name: String, value: String)] = []
    /// The content.
    public var body: [UInt8] = []

    init(status: Int) {
        self.status = status
    }

    /// The value of the first field with this name, in any case.
    public subscript(name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The content as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The content as JSON.
    public var json: JSON {
        get throws { try JSON(parsing: body) }
    }

    /// The member `name` of the content, an integer.
    public func integer(_ name: String) throws -> Int64 {
        guard case .integer(let integer)? = try json[name] else {
            throw Failure("no integer \(name) in \(self)")
        }
        return integer
    }

    /// The member `name` of the content, a string.
    public func string(_ name: String) throws -> String {
        guard case .string(let text)? = try json[name] else {
            throw Failure("no string \(name) in \(self)")
        }
        return text
    }

    /// The text that a failed test prints.
    public var description: String {
        let head = fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        return "\(status)\n\(head)\n\n\(text.prefix(2000))"
    }
}

extension HTTPAnswer {
    /// Checks the status, and that the content includes the JSON `shows`.
    ///
    /// - Returns: the response itself.
    @discardableResult
    public func expect(
        _ status: Int, shows: String? = nil, at location: SourceLocation = #_sourceLocation
    ) throws -> HTTPAnswer {
        #expect(self.status == status, "\(self)", sourceLocation: location)
        if let shows {
            let expected = try JSON(parsing: Array(shows.utf8))
            let holds = (try? json.includes(expected)) ?? false
            #expect(holds, "\(self)", sourceLocation: location)
        }
        return self
    }

    /// Checks that the response is a problem (RFC 9457) with all members that the shop defines.
    ///
    /// `faults` are the fields that its errors name, in their order.
    ///
    /// - Returns: the response itself.
    @discardableResult
    public func expectProblem(
        _ status: Int, _ code: String, faults: [String]? = nil,
        at location: SourceLocation = #_sourceLocation
    ) -> HTTPAnswer {
        let problem = (try? json) ?? .null
        let title: Bool = if case .string? = problem["title"] { true } else { false }
        let detail: Bool = if case .string? = problem["detail"] { true } else { false }
        let id = self["X-Request-Id"]
        #expect(self.status == status, "\(self)", sourceLocation: location)
        #expect(
            self["Content-Type"] == "application/problem+json", "\(self)", sourceLocation: location)
        #expect(problem["type"] == .string("about:blank"), "\(self)", sourceLocation: location)
        #expect(
            problem["status"] == .integer(Int64(status)), "\(self)", sourceLocation: location)
        #expect(problem["code"] == .string(code), "\(self)", sourceLocation: location)
        #expect(title && detail, "\(self)", sourceLocation: location)
        #expect(problem["request_id"] == id.map(JSON.string), "\(self)", sourceLocation: location)
        #expect(
            id?.wholeMatch(of: /[0-9a-f]{32}/) != nil, "\(self)", sourceLocation: location)
        if let faults {
            let named = problem["errors"]?.elements.map { $0["field"] } ?? []
            #expect(
                named == faults.map(JSON.string), "\(self)", sourceLocation: location)
        }
        return self
    }
}
