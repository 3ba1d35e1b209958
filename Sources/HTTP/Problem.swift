public import HTTPTypes

/// A request that will not be carried out, told in words its sender may read (RFC 9457).
///
/// Throw one from anywhere below a handler: the transaction around it is rolled back and the sender
/// gets it as `application/problem+json`. What is not a `Problem` is a fault of ours and is
/// answered with a bare 500.
public struct Problem: Error, Sendable {
    /// One fault of the input.
    public struct Fault: Sendable, Equatable {
        /// Where: a path into the body such as `items[0].quantity`, or a query parameter's name.
        public let field: String
        /// What is wrong, as the end of a sentence that begins with the field.
        public let message: String

        /// A fault at `field`.
        public init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    /// The 4xx or 5xx of the answer.
    public let status: HTTPResponse.Status
    /// Stable, documented in openapi.yaml, made for programs: `insufficient_stock`.
    public let code: String
    /// One sentence for people; it may change.
    public let detail: String
    /// Every fault of the input, in the order they were met; empty where the input is not to blame.
    public let faults: [Fault]
    /// Header fields the status asks for, such as `Retry-After`, `Allow` or `WWW-Authenticate`.
    public let fields: HTTPFields

    /// A problem in full.
    ///
    /// The statics beside this are shorter.
    public init(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, faults: [Fault] = [],
        fields: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = faults
        self.fields = fields
    }

    /// The problem as an answer to the request `id`.
    public func response(to id: String) -> Response {
        var response = Response(status: status, json: Document(problem: self, requestID: id))
        response.fields[.contentType] = "application/problem+json"
        for field in fields { response.fields.append(field) }
        return response
    }
}

extension Problem {
    /// 400: not even readable.
    public static func badRequest(_ code: String, _ detail: String) -> Problem {
        Problem(.badRequest, code, detail)
    }

    /// 401 with the challenge RFC 6750 §3 asks for.
    public static func unauthorized(_ code: String, _ detail: String) -> Problem {
        let isAboutAToken = ["token_invalid", "token_expired", "session_ended"].contains(code)
        let challenge = isAboutAToken ? #", error="invalid_token""# : ""
        return Problem(
            .unauthorized, code, detail,
            fields: [.wwwAuthenticate: #"Bearer realm="souk""# + challenge])
    }

    /// 403: known, and not allowed.
    public static func forbidden(_ detail: String, code: String = "forbidden") -> Problem {
        Problem(.forbidden, code, detail)
    }

    /// 404. The detail never tells whether the thing is missing or only hidden.
    public static func notFound(
        _ code: String = "not_found", _ detail: String = "There is no such resource."
    )
        -> Problem
    {
        Problem(.notFound, code, detail)
    }

    /// 409: the request is sound, the state of the shop is against it.
    public static func conflict(_ code: String, _ detail: String) -> Problem {
        Problem(.conflict, code, detail)
    }

    /// 422 with every fault.
    public static func invalid(_ faults: [Fault]) -> Problem {
        Problem(
            .unprocessableContent, "invalid_request",
            faults.count == 1
                ? "One field is invalid." : "\(faults.count) fields are invalid.",
            faults: faults)
    }

    /// 500, which says nothing about the inside.
    public static let fault = Problem(
        .internalServerError, "internal_error", "The service failed and logged the error.")
}

/// The members of RFC 9457 §3.1 and our own `code`, `request_id` and `errors`.
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
            if !problem.faults.isEmpty { $0.field("errors", problem.faults) }
        }
    }
}

extension Problem.Fault: JSONWritable {
    /// Writes `{"field":…,"message":…}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("field", field)
            $0.field("message", message)
        }
    }
}
