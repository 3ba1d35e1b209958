public import HTTP
import HTTPTypes

extension Request {
    /// Reads the body strictly as `type`.
    /// - Throws: `Problem` 415 `unsupported_media_type`, 400 `invalid_json`, 422 `invalid_request`
    ///   with every fault.
    func body<T: Input>(_ type: T.Type) throws -> T {
        try requireJSON()
        guard case .object(let members) = try ClientJSON(parsing: body) else {
            throw Problem.invalid([.init(field: "body", message: "must be an object")])
        }
        return try T.read(Fields(members))
    }

    /// Reads the body like `body`; a request without input gives a `type` without members.
    /// - Throws: the errors of `body`.
    func optionalBody<T: Input>(_ type: T.Type) throws -> T {
        hasInput ? try body(T.self) : try T.read(Fields([]))
    }

    /// Rejects a body on a call without input, because its sender expects an effect.
    /// - Throws: `Problem` 422 `invalid_request`.
    func requireNoBody() throws {
        guard !hasInput else {
            throw Problem.invalid([
                .init(field: "body", message: "must be empty for this operation")
            ])
        }
    }

    /// Whether the body is more than nothing, `{}` or `null`.
    ///
    /// Some clients send these with every POST, also without Content-Type.
    private var hasInput: Bool {
        guard !body.isEmpty else { return false }
        let isSpace = { (byte: UInt8) in
            byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
        }
        let text = body.drop(while: isSpace)
        let isNull = text.starts(with: "null".utf8) && text.dropFirst(4).allSatisfy(isSpace)
        let inside = text.dropFirst().drop(while: isSpace)
        let isEmptyObject =
            text.first == UInt8(ascii: "{") && inside.first == UInt8(ascii: "}")
            && inside.dropFirst().allSatisfy(isSpace)
        return !(text.isEmpty || isNull || isEmptyObject)
    }

    /// Requires a body of JSON in UTF-8 that is not compressed.
    ///
    /// A PATCH may also name the type merge patch (RFC 7396), whose null semantics it follows.
    private func requireJSON() throws {
        // RFC 9110 §12.5.3 and RFC 5789 §2.2: the response names the accepted values.
        guard isIdentityEncoded else {
            throw Problem.unsupportedMediaType(
                "The body must not be compressed. Send it without Content-Encoding.",
                accepts: .acceptEncoding, "identity")
        }
        let isPatch = method == .patch
        let types: [StaticString] =
            isPatch ? ["application/json", "application/merge-patch+json"] : ["application/json"]
        guard let contentType = field(.contentType), MediaType.isJSON(contentType, types) else {
            throw Problem.unsupportedMediaType(
                "The body must be application/json in UTF-8.",
                accepts: isPatch ? .acceptPatch : .accept,
                types.map { "\($0)" }.joined(separator: ", "))
        }
    }

    private var isIdentityEncoded: Bool {
        guard let encoding = field(.contentEncoding) else { return true }
        return encoding.utf8.isEqualIgnoringCase(to: "identity")
    }
}

extension Problem {
    fileprivate static func unsupportedMediaType(
        _ detail: String, accepts field: HTTPField.Name, _ values: String
    ) -> Problem {
        Problem(
            .unsupportedMediaType, "unsupported_media_type", detail, fields: [field: values])
    }
}

extension Input {
    /// Reads values that do not come from a request body, such as those of a command line.
    /// - Throws: `Problem` 422 with every fault.
    public init(checking members: [ClientJSON.Member]) throws {
        self = try Self.read(Fields(members))
    }

    /// Reads all of `fields` and throws all of their faults together.
    static func read(_ fields: Fields) throws -> Self {
        var fields = fields
        let input = Self(&fields)
        fields.refuseTheRest()
        guard fields.faults.isEmpty else { throw Problem.invalid(fields.faults) }
        return input
    }
}
