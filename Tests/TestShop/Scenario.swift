public import HTTP
public import HTTPTypes
public import Testing

/// One row of a table of scenarios: a request, its caller, and the expected response.
public struct Scenario: Sendable, CustomTestStringConvertible {
    /// The name of the row, and of its test.
    public let testDescription: String
    let before: [Step]
    let step: Step
    let status: Int
    let code: String?
    let shows: String?
    let fields: [String: String]

    /// A request of a table.
    public struct Step: Sendable {
        let method: HTTPRequest.Method
        let target: String
        let account: String?
        let body: String?
        let fields: HTTPFields

        /// `target` is path and query.
        public init(
            _ method: HTTPRequest.Method, _ target: String, as account: String? = nil,
            _ body: String? = nil,
            fields: HTTPFields = [:]
        ) {
            self.method = method
            self.target = target
            self.account = account
            self.body = body
            self.fields = fields
        }
    }

    /// Creates a row.
    /// - Parameters:
    ///   - name: the name of the row.
    ///   - before: requests sent before; each must succeed.
    ///   - step: the request.
    ///   - status: the status code of the response.
    ///   - code: the `code` of the problem in it.
    ///   - shows: JSON whose members the response body must include.
    ///   - fields: header fields that the response must have.
    public init(
        _ name: String, after before: [Step] = [], _ step: Step, gives status: Int,
        code: String? = nil,
        shows: String? = nil, fields: [String: String] = [:]
    ) {
        self.testDescription = name
        self.before = before
        self.step = step
        self.status = status
        self.code = code
        self.shows = shows
        self.fields = fields
    }

    /// Sends the request in a shop, by default a new one, and checks the response and all
    /// invariants.
    public func play(in shop: TestShop? = nil, at location: SourceLocation = #_sourceLocation)
        throws
    {
        let shop = try shop ?? TestShop()
        for step in before {
            let response = try shop.send(step)
            #expect(
                response.status.kind == .successful, "\(step.target): \(response.text)",
                sourceLocation: location)
        }
        if let account = step.account { _ = try shop.token(of: account) }
        let contents = try shop.contents()
        let response = try shop.send(step)
        if response.status.kind != .successful && !step.leavesTracesWhenRefused {
            #expect(
                try shop.contents() == contents, "a refused request has changed something",
                sourceLocation: location)
        }
        #expect(response.status.code == status, "\(response.text)", sourceLocation: location)
        if let code {
            #expect(
                try response.json["code"] == .string(code), "\(response.text)",
                sourceLocation: location)
            #expect(
                response.fields[.contentType] == "application/problem+json",
                sourceLocation: location)
        }
        if let shows {
            let expected = try JSON(parsing: Array(shows.utf8))
            #expect(
                try response.json.includes(expected), "\(response.text)", sourceLocation: location)
        }
        for (name, value) in fields {
            let found = HTTPField.Name(name).flatMap { response.fields[$0] }
            #expect(found == value, "\(name)", sourceLocation: location)
        }
        #expect(try shop.breaches() == [], sourceLocation: location)
    }
}

extension Scenario.Step {
    /// Failed requests may still count a wrong password or end the session of a stolen refresh
    /// token.
    fileprivate var leavesTracesWhenRefused: Bool {
        target.hasPrefix("/customers/login") || target.hasPrefix("/customers/refresh")
            || target.hasSuffix("/password") || target.hasSuffix("/totp")
            || target.hasSuffix("/totp/confirm")
    }
}

extension TestShop {
    /// Sends the request of a row.
    public func send(_ step: Scenario.Step) throws -> Response {
        try send(step.method, step.target, as: step.account, step.body, fields: step.fields)
    }
}

extension Response {
    /// The content as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The content as JSON; null if it has none.
    public var json: JSON {
        get throws { body.isEmpty ? .null : try JSON(parsing: body) }
    }
}

extension JSON {
    /// A member of an object, or nil.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// An element of an array, or nil.
    public subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The elements of an array; empty for other values.
    public var elements: [JSON] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// Whether this includes everything that `other` has.
    ///
    /// Objects may have more members; arrays must have the same length.
    public func includes(_ other: JSON) -> Bool {
        switch (self, other) {
        case (.object, .object(let members)):
            members.allSatisfy { member in
                self[member.name].map { $0.includes(member.value) } ?? false
            }
        case (.array(let own), .array(let others)):
            own.count == others.count && zip(own, others).allSatisfy { $0.includes($1) }
        default: self == other
        }
    }
}

extension Scenario.Step {
    /// Sends the request, which must succeed.
    ///
    /// - Throws: `TestFailure` otherwise.
    @discardableResult
    public func succeeds(in shop: TestShop) throws -> Response {
        let response = try shop.send(self)
        guard response.status.kind == .successful else {
            throw TestFailure(description: "\(self): \(response.text)")
        }
        return response
    }
}
