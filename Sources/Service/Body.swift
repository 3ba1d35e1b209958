public import HTTP
import HTTPTypes

extension Call {
    /// The body as `type`, read strictly.
    /// - Throws: `Problem` 415 `unsupported_media_type`, 400 `invalid_json`, 422 `invalid_request`
    ///   with every fault.
    public func body<T: Input>(_ type: T.Type) throws -> T {
        guard let contentType = request.field(.contentType), contentType.isJSON else {
            throw Problem(
                .unsupportedMediaType, "unsupported_media_type",
                "The body must be application/json in UTF-8.")
        }
        guard case .object(let members) = try JSON(parsing: request.body) else {
            throw Problem.invalid([.init(field: "body", message: "must be an object")])
        }
        return try T.read(Fields(members))
    }
}

extension Input {
    /// The same reading for values that came another way than in a body, such as on a command line.
    /// - Throws: `Problem` 422 with every fault.
    public init(checking members: [JSON.Member]) throws {
        self = try Self.read(Fields(members))
    }

    /// Reads all of `fields`, and throws everything that is wrong with them at once.
    static func read(_ fields: Fields) throws -> Self {
        var fields = fields
        let input = Self(&fields)
        fields.refuseTheRest()
        guard fields.faults.isEmpty else { throw Problem.invalid(fields.faults) }
        return input
    }
}

extension String {
    /// Whether this media type is `application/json`, with no charset but UTF-8 (RFC 8259 §11 knows
    /// none).
    fileprivate var isJSON: Bool {
        // As nearly everybody spells it; the rest takes longer than to read a small body.
        if self == "application/json" { return true }
        let parts = lowercased().split(separator: ";").map {
            $0.trimming { $0 == " " || $0 == "\t" }
        }
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy {
            $0 == "charset=utf-8" || $0 == "charset=\"utf-8\"" || $0.isEmpty
        }
    }
}
