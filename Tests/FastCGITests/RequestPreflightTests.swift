import FastCGI
import Glibc
import Testing

extension FastCGITests {
    /// Rejects input that libfcgi cannot handle before libfcgi reads it.
    @Suite struct RequestPreflightTests {
        /// Sends `first`, and then `then` repeatedly until the peer closes, at most 64 MB.
        private func flood(_ first: [UInt8], _ then: [UInt8]) throws {
            try Fixture(workers: 1).run { fixture in
                let client = try Client(fixture.path)
                client.send(first)
                var sent = 0
                while sent < 64 << 20,
                    send(client.descriptor, then, then.count, Int32(MSG_NOSIGNAL)) > 0
                {
                    sent += then.count
                }
                #expect(sent < 4 << 20, "\(sent) bytes were taken")
                #expect(
                    try Client(fixture.path).answer(WireRequest("GET", "/")).status.hasSuffix("OK"))
            }
        }

        @Test func endlessParametersAreRejected() throws {
            let request = WireRequest("GET", "/")
            let pairs = (0..<500).flatMap { _ in
                [UInt8(1), 100, 65] + [UInt8](repeating: 7, count: 100)
            }
            try flood(request.begin, request.record(4, pairs))
        }

        @Test func anEndlessValueIsRejected() throws {
            let request = WireRequest("GET", "/")
            let head = request.record(4, [1, 0xC0, 0, 0, 0, 65])
            try flood(request.begin + head, request.record(4, [UInt8](repeating: 7, count: 60_000)))
        }

        @Test(
            arguments: [
                [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 65], [0x80, 0, 0, 0], [1],
                [1, 0xFF, 0xFF],
                [0xFF, 0xFF, 0xFF, 0xFD, 1, 65, 66], [3, 0, 65, 66], [0, 5, 65],
            ] as [[UInt8]])
        func lengthsThatDoNotAddUpAreRefused(pairs: [UInt8]) throws {
            try Fixture(workers: 1).run { fixture in
                let request = WireRequest("GET", "/")
                let client = try Client(fixture.path)
                client.send(
                    request.begin + request.stream(4, request.encodedParameters + pairs)
                        + request.stream(5, []))
                #expect(client.isClosed())
                #expect(
                    try Client(fixture.path).answer(WireRequest("GET", "/")).status.hasSuffix("OK"))
            }
        }

        /// Four FCGI_GET_VALUES queries are too many for libfcgi.
        ///
        /// A web server sends none.
        @Test func aManagementRecordIsNotARequest() throws {
            try Fixture(workers: 1).run { fixture in
                let question: [UInt8] = [1, 9, 0, 0, 0, 16, 0, 0, 14, 0] + "FCGI_MAX_CONNS".utf8
                let client = try Client(fixture.path)
                client.send(question + question + question + question)
                #expect(client.isClosed())
            }
        }

        @Test func aLongHeadIsTaken() throws {
            try Fixture().run { fixture in
                let agent = String(repeating: "a", count: 48_000)
                let request = WireRequest("GET", "/long", [("HTTP_USER_AGENT", agent)])
                let answer = try Client(fixture.path).answer(request)
                #expect(answer.text.contains(agent))
            }
        }

        @Test func aHeadMayArriveInParts() throws {
            try Fixture(workers: 1).run { fixture in
                let client = try Client(fixture.path)
                let bytes = WireRequest("POST", "/pieces", body: Array("hello".utf8)).bytes
                for start in stride(from: 0, to: bytes.count, by: 7) {
                    client.send(Array(bytes[start..<min(start + 7, bytes.count)]))
                    usleep(2000)
                }
                let answer = try client.answer()
                #expect(answer.text.hasSuffix("\nhello"))
            }
        }

        @Test func anIncompleteHeadTimesOut() throws {
            try Fixture(workers: 1, configure: { $0.receiveTimeoutMs = 200 }).run { fixture in
                let client = try Client(fixture.path)
                client.send(WireRequest("GET", "/").begin)
                #expect(client.isClosed())
            }
        }
    }
}
