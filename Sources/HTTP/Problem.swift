public import HTTPTypes

/// An error response in the format of RFC 9457.
///
/// Any code below a handler may throw one. The surrounding transaction is then rolled back, and the
/// client gets the problem as `application/problem+json`. The responder answers any other error
/// with 500 and no details.
public struct Problem: Error, Sendable {
    /// One fault of the input.
    public struct Fault: Sendable, Equatable {
        /// The path of the field in the body, such as `items[0].quantity`, or the query parameter's
        /// name.
        public let field: String
        /// What is wrong, worded to follow the name of the field.
        public let message: String
        /// A stable code for programs; nil for most faults.
        public let code: String?

        /// Creates a fault of `field`.
        public init(field: String, message: String, code: String? = nil) {
            self.field = field
            self.message = message
            self.code = code
        }
    }

    /// The status code of the response, 4xx or 5xx.
    public let status: HTTPResponse.Status
    /// The stable code for programs, documented in openapi.yaml: `insufficient_stock`.
    public let code: String
    /// One sentence for people; its wording may change.
    public let detail: String
    /// Every fault of the input, in order of discovery; empty for other problems.
    public let faults: [Fault]
    /// Header fields that the status requires, such as `Retry-After`, `Allow` or
    /// `WWW-Authenticate`.
    public let fields: HTTPFields
    /// The scope that the API key of the request lacks, or nil.
    public let requiredScope: String?

    /// Creates a problem from all its parts.
    ///
    /// The static functions below are shorter.
    public init(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, faults: [Fault] = [],
        fields: HTTPFields = [:], requiredScope: String? = nil
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = faults
        self.fields = fields
        self.requiredScope = requiredScope
    }

    /// The response to the request `id`.
    public func response(to id: String) -> Response {
        var response = Response(status: status, json: Document(problem: self, requestID: id))
        response.fields[.contentType] = "application/problem+json"
        for field in fields { response.fields.append(field) }
        return response
    }
}

extension Problem {
    /// 400: the request cannot be parsed.
    public static func badRequest(_ code: String, _ detail: String) -> Problem {
        Problem(.badRequest, code, detail)
    }

    /// 401 with the challenge that RFC 6750 §3 requires.
    public static func unauthorized(_ code: String, _ detail: String) -> Problem {
        let isAboutAToken = ["token_invalid", "token_expired", "session_ended"].contains(code)
        let challenge = isAboutAToken ? #", error="invalid_token""# : ""
        return Problem(
            .unauthorized, code, detail,
            fields: [.wwwAuthenticate: #"Bearer realm="souk""# + challenge])
    }

    /// 403: the caller is authenticated but lacks the permission.
    public static func forbidden(_ detail: String, code: String = "forbidden") -> Problem {
        Problem(.forbidden, code, detail)
    }

    /// 403 with the challenge of RFC 6750 §3.1: the API key lacks `scope`.
    public static func insufficientScope(_ scope: String) -> Problem {
        Problem(
            .forbidden, "insufficient_scope", "The API key lacks the scope \(scope).",
            fields: [
                .wwwAuthenticate:
                    #"Bearer realm="souk", error="insufficient_scope", scope="\#(scope)""#
            ], requiredScope: scope)
    }

    /// 404, which does not reveal whether the resource is missing or hidden.
    public static func notFound(
        _ code: String = "not_found", _ detail: String = "The resource does not exist."
    )
        -> Problem
    {
        Problem(.notFound, code, detail)
    }

    /// 409: the request is valid but conflicts with the state of the shop.
    public static func conflict(_ code: String, _ detail: String) -> Problem {
        Problem(.conflict, code, detail)
    }

    /// 422 with every fault of the input.
    public static func invalid(_ faults: [Fault]) -> Problem {
        Problem(
            .unprocessableContent, "invalid_request",
            faults.count == 1
                ? "One field is invalid." : "\(faults.count) fields are invalid.",
            faults: faults)
    }

    /// 500, which reveals no internal details.
    public static let fault = Problem(
        .internalServerError, "internal_error", "The service failed and logged the error.")
}

/// The members of RFC 9457 §3.1, and Souk's own `code`, `request_id`, `required_scope` and `errors`.
private struct Document: JSONWritable {
    let problem: Problem
    let requestID: String

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("type", "about:blank")
            $0.field("title", problem.status.reasonPhrase)
            $0.field("status", Int64(problem.status.code))
            $0.field("code", problem.code)
            $0.field("detail", problem.detail)
            $0.field("request_id", requestID)
            if let scope = problem.requiredScope { $0.field("required_scope", scope) }
            if !problem.faults.isEmpty { $0.field("errors", problem.faults) }
        }
    }
}

extension Problem.Fault: JSONWritable {
    /// Writes `{"field":…,"message":…}`, and the code if there is one.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("field", field)
            $0.field("message", message)
            if let code { $0.field("code", code) }
        }
    }
}
