import FastCGI
import HTTP
import HTTPTypes
import Testing

extension FastCGITests {
    @Suite struct RequestTests {
        @Test func everyPartArrives() throws {
            try Fixture().run { fixture in
                let request = WireRequest(
                    "PATCH", "/inventory/7?a=%20b?c",
                    [
                        ("REQUEST_ID", "0123456789abcdef0123456789abcdef"),
                        ("REMOTE_ADDR", "192.0.2.7"), ("CONTENT_TYPE", "application/json"),
                        ("HTTP_AUTHORIZATION", "Bearer x"), ("HTTP_IF_MATCH", "\"1\""),
                        ("HTTP_IF_NONE_MATCH", "*"), ("HTTP_IDEMPOTENCY_KEY", "k"),
                        ("HTTP_SOUK_CART", "cart"), ("HTTP_SOUK_ORDER", "order"),
                        ("HTTP_USER_AGENT", "curl"), ("HTTP_COOKIE", "never read"),
                        ("HTTP_CONTENT_ENCODING", "identity"), ("HTTP_IF_RANGE", ""),
                        ("HTTP_IDEMPOTENCY", "another field"), ("HTTP_IF_MATCH", "\"2\""),
                    ], body: Array("{}".utf8))
                let answer = try Client(fixture.path).answer(request)
                #expect(answer.status == "Status: 200 OK")
                #expect(
                    answer.text == """
                        PATCH
                        /inventory/7
                        a=%20b?c
                        192.0.2.7
                        0123456789abcdef0123456789abcdef
                        Content-Type: application/json
                        Authorization: Bearer x
                        If-Match: "1", "2"
                        If-None-Match: *
                        Idempotency-Key: k
                        Souk-Cart: cart
                        Souk-Order: order
                        User-Agent: curl
                        Content-Encoding: identity
                        {}
                        """)
                let length = "Content-Length: \(answer.body.count)"
                #expect(answer.fields == ["Content-Type: text/plain", length])
            }
        }

        @Test(arguments: [
            "HTTP_IDEMPOTENCY_KEY", "HTTP_AUTHORIZATION", "HTTP_SOUK_CART", "CONTENT_TYPE",
        ])
        func aFieldWithOneValueIsNotRepeated(name: String) throws {
            try Fixture().run { fixture in
                let request = WireRequest("GET", "/", [(name, "a"), (name, "a")])
                let answer = try Client(fixture.path).answer(request)
                #expect(answer.status == "Status: 400 Bad Request", "\(answer.text)")
            }
        }

        /// The client relies on the key, so the handler must see that it is empty.
        @Test func anEmptyIdempotencyKeyArrives() throws {
            try Fixture().run { fixture in
                let request = WireRequest("GET", "/", [("HTTP_IDEMPOTENCY_KEY", "")])
                let answer = try Client(fixture.path).answer(request)
                #expect(answer.text.contains("Idempotency-Key: \n"))
            }
        }

        @Test func emptyIsAbsent() throws {
            try Fixture().run { fixture in
                let request = WireRequest(
                    "GET", "/", [("HTTP_IF_MATCH", ""), ("CONTENT_TYPE", "")])
                let lines = try Client(fixture.path).answer(request).text.split(
                    separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.count == 6)
            }
        }

        @Test(arguments: [
            "", "short", "0123456789ABCDEF0123456789abcdef", "' or 1=1 -- 0123456789abcdef0123",
        ])
        func anInvalidIDIsReplaced(id: String) throws {
            try Fixture().run { fixture in
                let client = try Client(fixture.path)
                let ids = try (0..<2).map { _ in
                    let answer = try client.answer(WireRequest("GET", "/", [("REQUEST_ID", id)]))
                    return String(answer.text.split(separator: "\n")[2])
                }
                #expect(ids.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{32}/) != nil })
                #expect(ids[0] != ids[1])
            }
        }

        @Test func aKeptConnectionAnswersAgainAndAgain() throws {
            try Fixture().run { fixture in
                let client = try Client(fixture.path)
                for number in 0..<1000 {
                    let body = Array("body \(number)".utf8)
                    let answer = try client.answer(WireRequest("POST", "/\(number)", body: body))
                    #expect(answer.text.hasSuffix("\nbody \(number)"))
                }
                #expect(fixture.listener.progress.finished >= 999)
            }
        }

        @Test func aConnectionThatIsNotKeptIsClosed() throws {
            try Fixture().run { fixture in
                let client = try Client(fixture.path)
                var request = WireRequest("GET", "/")
                request.isKept = false
                _ = try client.answer(request)
                #expect(client.isClosed())
            }
        }

        @Test(arguments: [1, 7, 8192])
        func streamsComeInRecordsOfAnySize(recordBytes: Int) throws {
            try Fixture().run { fixture in
                let client = try Client(fixture.path)
                // With one byte a record they need sixteen times as much, and the size of a head is
                // limited.
                let agent = String(repeating: "long ", count: recordBytes == 1 ? 400 : 4000)
                let body = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                var request = WireRequest("POST", "/", [("HTTP_USER_AGENT", agent)], body: body)
                request.recordBytes = recordBytes
                for _ in 0..<2 {
                    let answer = try client.answer(request)
                    #expect(answer.body.suffix(body.count) == body[...])
                    #expect(answer.text.contains("User-Agent: long long "))
                }
            }
        }
    }
}
