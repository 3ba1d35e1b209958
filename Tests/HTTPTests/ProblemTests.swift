import HTTP
import Testing

@Suite struct ProblemTests {
    @Test func isAProblemDocument() {
        let problem = Problem.invalid([
            .init(field: "items[0].quantity", message: "must be \"more\"")
        ])
        let response = problem.response(to: "f00d")
        #expect(response.fields[.contentType] == "application/problem+json")
        #expect(
            String(decoding: response.body, as: UTF8.self) == #"""
                {"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_request",\#
                "detail":"One field is invalid.","request_id":"f00d",\#
                "errors":[{"field":"items[0].quantity","message":"must be \"more\""}]}
                """#)
    }

    @Test func challengesAMissingToken() {
        let none = Problem.unauthorized("token_missing", "").response(to: "")
        #expect(none.fields[.wwwAuthenticate] == #"Bearer realm="souk""#)
        let bad = Problem.unauthorized("token_invalid", "").response(to: "")
        #expect(bad.fields[.wwwAuthenticate] == #"Bearer realm="souk", error="invalid_token""#)
    }
}
