import FastCGI
import HTTP
import Testing

extension FastCGITests {
    /// A rejected request keeps the connection usable; a malformed one closes it.
    @Suite struct RefusalTests {
        private func expect(_ request: WireRequest, _ status: String, _ code: String) throws {
            let fixture = try Fixture(configure: { $0.bodyBytesMax = 1000 })
            defer { fixture.listener.drain() }
            let client = try Client(fixture.path)
            let answer = try client.answer(request)
            #expect(answer.status == "Status: " + status)
            #expect(answer.fields.first == "Content-Type: application/problem+json")
            #expect(answer.text.contains(#""code":"\#(code)""#))
            #expect(try client.answer(WireRequest("GET", "/next")).text.hasPrefix("GET\n/next\n"))
        }

        @Test func aBodyAtTheBoundIsTaken() throws {
            let fixture = try Fixture(configure: { $0.bodyBytesMax = 1000 })
            defer { fixture.listener.drain() }
            let body = [UInt8](repeating: 7, count: 1000)
            let answer = try Client(fixture.path).answer(WireRequest("POST", "/", body: body))
            #expect(answer.body.suffix(1000) == body[...])
        }

        @Test(arguments: [1001, 8000])
        func aLargerBodyIsRefused(count: Int) throws {
            let body = [UInt8](repeating: 7, count: count)
            try expect(
                WireRequest("POST", "/", body: body), "413 Content Too Large", "payload_too_large")
        }

        @Test(arguments: ["8001", "99999999999999999999999"])
        func aFarLargerBodyIsNotEvenRead(announced: String) throws {
            let fixture = try Fixture(configure: { $0.bodyBytesMax = 1000 })
            defer { fixture.listener.drain() }
            var request = WireRequest("POST", "/")
            request.announced = announced
            let client = try Client(fixture.path)
            client.send(request.head)
            #expect(try client.answer().status == "Status: 413 Content Too Large")
            #expect(client.isClosed())
        }

        @Test(arguments: ["-1", "+1", "1x", "0x1", " 1", "1.0", "１"])
        func anInvalidLengthIsRejected(announced: String) throws {
            var request = WireRequest("POST", "/", body: [65])
            request.announced = announced
            try expect(request, "400 Bad Request", "bad_request")
        }

        @Test(arguments: ["0", "4", "6", "900"])
        func aWrongLengthIsRejected(announced: String) throws {
            var request = WireRequest("POST", "/", body: Array("hello".utf8))
            request.announced = announced
            try expect(request, "400 Bad Request", "bad_request")
        }

        @Test(arguments: [("", "/"), ("GET", ""), ("G T", "/"), ("GET", "x"), ("GET", "http://h/")])
        func anInvalidRequestLineIsRejected(method: String, target: String) throws {
            try expect(WireRequest(method, target), "400 Bad Request", "bad_request")
        }

        @Test func aTargetThatIsNotUTF8IsRefused() throws {
            let fixture = try Fixture()
            defer { fixture.listener.drain() }
            let name = "REQUEST_URI"
            let pair: [UInt8] = [UInt8(name.utf8.count), 2] + name.utf8 + [0x2F, 0xFF]
            let request = WireRequest("GET", "")
            let others = [UInt8(14), 3] + "REQUEST_METHODGET".utf8
            let client = try Client(fixture.path)
            client.send(request.begin + request.stream(4, others + pair) + request.stream(5, []))
            #expect(try client.answer().status == "Status: 400 Bad Request")
        }

        @Test(arguments: [0, 1, 7, 8, 16, 20, 40])
        func truncatedParametersAreNotARequest(bytesLeft: Int) throws {
            try Fixture().run { fixture in
                let request = WireRequest("GET", "/cut", [("HTTP_USER_AGENT", "curl")])
                let client = try Client(fixture.path)
                client.send(
                    request.begin + request.stream(4, request.encodedParameters).prefix(bytesLeft))
                client.finishSending()
                #expect(client.isClosed())
                #expect(fixture.listener.progress.finished == 0)
            }
        }

        @Test func parametersCutBetweenTwoAreNotARequest() throws {
            try Fixture().run { fixture in
                let request = WireRequest("GET", "/cut")
                let client = try Client(fixture.path)
                client.send(request.begin + request.record(4, request.encodedParameters))
                client.finishSending()
                #expect(client.isClosed())
            }
        }

        @Test func aTruncatedBodyIsNotARequest() throws {
            try Fixture().run { fixture in
                let request = WireRequest("POST", "/cut", body: [UInt8](repeating: 1, count: 5000))
                let client = try Client(fixture.path)
                client.send(request.bytes.dropLast(8))
                client.finishSending()
                #expect(client.isClosed())
            }
        }

        @Test(arguments: [
            Array("GET / HTTP/1.1\r\n\r\n".utf8), [0], [2, 1, 0, 1, 0, 8, 0, 0],
            [1, 5, 0, 1, 0, 0, 0, 0],
            [1, 1, 0, 1, 0, 3, 0, 0, 9, 9, 9], [1, 1, 0, 1, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0],
        ])
        func garbageIsClosedAtOnce(bytes: [UInt8]) throws {
            try Fixture(configure: { $0.receiveTimeoutMs = 300 }).run { fixture in
                let client = try Client(fixture.path)
                // Without `detached` libfcgi waits 2 s for the peer to close first.
                let duration = millisecondsOf {
                    client.send(bytes)
                    #expect(client.isClosed())
                }
                #expect(duration < 1500)
                #expect(
                    try Client(fixture.path).answer(WireRequest("GET", "/")).status.hasSuffix("OK"))
            }
        }
    }
}
