import HTTP
import HTTPTypes
import TestShop
import Testing

/// The format of errors (RFC 9457), and the request id of every response.
@Suite struct ProblemResponseTests {
    private static let shop = Result { try TestShop.furnished() }
    private static let requestID = "0123456789abcdef0123456789abcdef"

    static let rows: [(Scenario.Step, status: Int, title: String, code: String, fields: [String])] =
        [
            (
                .init(.post, "/inventory/1/stock", as: "sami", "{"), 400, "Bad Request",
                "invalid_json", []
            ),
            (.init(.get, "/inventory?category=%zz"), 400, "Bad Request", "invalid_query", []),
            (.init(.get, "/sales"), 401, "Unauthorized", "token_missing", []),
            (
                .init(.get, "/sales", fields: [.authorization: "Bearer x"]), 401, "Unauthorized",
                "token_invalid", []
            ),
            (.init(.get, "/inventory/1/movements", as: "ada"), 403, "Forbidden", "forbidden", []),
            (.init(.get, "/nothing"), 404, "Not Found", "not_found", []),
            (.init(.get, "/inventory/99"), 404, "Not Found", "product_not_found", []),
            (.init(.put, "/inventory"), 405, "Method Not Allowed", "method_not_allowed", []),
            (
                .init(.post, "/customers/ben/wallet/debit", as: "sami", #"{"amount":99999}"#), 409,
                "Conflict", "insufficient_funds", []
            ),
            (
                .init(.delete, "/inventory/1", as: "sami", fields: [.ifMatch: #""old""#]), 412,
                "Precondition Failed", "precondition_failed", []
            ),
            (
                .init(.post, "/customers", as: "ada", "{}", fields: [.contentType: "text/plain"]),
                415, "Unsupported Media Type", "unsupported_media_type", []
            ),
            (
                .init(.post, "/customers", "{}"), 422, "Unprocessable Content", "invalid_request",
                ["username", "password", "full_name"]
            ),
            (
                .init(.get, "/inventory?limit=0&colour=red"), 422, "Unprocessable Content",
                "invalid_request", ["limit", "colour"]
            ),
        ]

    @Test(arguments: rows.indices) func haveOneFormat(index: Int) throws {
        let row = ProblemResponseTests.rows[index]
        let shop = try ProblemResponseTests.shop.get()
        let response = try shop.send(row.0)
        #expect(response.status.code == row.status, "\(response.text)")
        #expect(response.fields[.contentType] == "application/problem+json")
        let problem = try response.json
        #expect(problem["type"] == .string("about:blank"))
        #expect(problem["title"] == .string(row.title))
        #expect(problem["status"] == .integer(Int64(row.status)))
        #expect(problem["code"] == .string(row.code))
        #expect(problem["request_id"] == .string("00000000000000000000000000000001"))
        guard case .string(let detail)? = problem["detail"] else {
            Issue.record("no detail: \(response.text)")
            return
        }
        #expect(!detail.isEmpty)
        let named = problem["errors"]?.elements.compactMap { $0["field"] } ?? []
        #expect(named == row.fields.map { .string($0) })
        #expect((problem["errors"] == nil) == row.fields.isEmpty)
        for fault in problem["errors"]?.elements ?? [] {
            guard case .string(let message)? = fault["message"], !message.isEmpty else {
                Issue.record("no message: \(response.text)")
                return
            }
        }
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/inventory/1", 200), (.head, "/inventory/1", 200),
        (.post, "/customers/logout", 401), (.get, "/nothing", 404), (.put, "/inventory", 405),
        (.get, "/inventory?x", 422), (.post, "/customers", 415),
    ])
    func carriesTheRequestID(method: HTTPRequest.Method, target: String, status: Int) throws {
        let shop = try ProblemResponseTests.shop.get()
        let parts = target.split(separator: "?").map(String.init)
        let response = shop.send(
            Request(
                method: method, path: parts[0], query: parts.count > 1 ? parts[1] : "",
                id: ProblemResponseTests.requestID))
        let name = try #require(HTTPField.Name("X-Request-Id"))
        #expect(response.status.code == status)
        #expect(response.fields[values: name] == [ProblemResponseTests.requestID])
        if status >= 400 {
            #expect(try response.json["request_id"] == .string(ProblemResponseTests.requestID))
        }
    }

    @Test func carriesItOn204And304() throws {
        let shop = try TestShop.furnished()
        let name = try #require(HTTPField.Name("X-Request-Id"))
        let unchanged = try shop.send(.get, "/inventory/1", fields: [.ifNoneMatch: "*"])
        #expect(unchanged.status == .notModified)
        #expect(unchanged.fields[name] != nil)
        let gone = try shop.send(.delete, "/wishlist/2", as: "ada")
        #expect(gone.status == .noContent)
        #expect(gone.fields[name] != nil)
        #expect(gone.body.isEmpty)
    }
}
