import FastCGI
import HTTP
import HTTPTypes
import Testing

extension FastCGITests {
    @Suite struct ResponseTests {
        private func answer(_ response: Response, to method: String = "GET") throws -> Answer {
            let fixture = try Fixture { _ in response }
            defer { fixture.listener.drain() }
            return try Client(fixture.path).answer(WireRequest(method, "/"))
        }

        @Test func aHeadKeepsTheLengthAndHasNoBody() throws {
            let response = Response(status: .ok, fields: [.contentLength: "1234"])
            let kept = try self.answer(response, to: "HEAD")
            #expect(kept.fields == ["Content-Length: 1234"])
            #expect(kept.body.isEmpty)
            #expect(try answer(Response(status: .ok), to: "HEAD").fields.isEmpty)
        }

        @Test func aLengthIsNeverWrong() throws {
            let response = Response(status: .ok, fields: [.contentLength: "7"], body: [65])
            #expect(try answer(response).fields == ["Content-Length: 1"])
        }

        @Test(arguments: [HTTPResponse.Status.noContent, .notModified])
        func aStatusWithoutBodyHasNoLength(status: HTTPResponse.Status) throws {
            let response = Response(status: status, fields: [.eTag: "\"1\""], body: [65])
            let answer = try self.answer(response)
            #expect(answer.status == "Status: \(status.code) \(status.reasonPhrase)")
            #expect(answer.fields == ["ETag: \"1\""])
            #expect(answer.body.isEmpty)
        }

        @Test func aValueCannotBecomeAField() throws {
            var response = Response(status: .init(code: 201, reasonPhrase: "A\r\nX-Evil: 1"))
            response.fields[.location] = "/a\r\nSet-Cookie: a=b\r\n\r\n<html>"
            let answer = try self.answer(response)
            #expect(answer.status.hasPrefix("Status: 201 A"))
            #expect(answer.fields.count == 2)
            #expect(answer.fields.first?.hasPrefix("Location: /a") == true)
            #expect(answer.body.isEmpty)
        }

        @Test func aLargeBodyArrivesWhole() throws {
            let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            #expect(try answer(Response(status: .ok, body: body)).body == body)
        }
    }
}
