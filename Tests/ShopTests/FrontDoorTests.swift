import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// Errors that nginx itself returns, in the same format as those of the responders.
    @Suite struct FrontDoorTests {
        private func send(_ bytes: String) throws -> HTTPAnswer {
            try SharedShop.shop.visitor().send(raw: Array(bytes.utf8))
        }

        static let rows: [(request: String, status: Int, code: String)] = [
            ("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, "not_found"),
            ("GET /souk-root/program HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, "not_found"),
            ("GET /souk-failure/inventory HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, "not_found"),
            ("GET /souk-uncached/inventory HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, "not_found"),
            ("GET /inventory HTTP/1.1\r\nHost: shop.test\r\n\r\n", 421, "misdirected_request"),
            ("GET /inventory HTTP/1.0\r\n\r\n", 421, "misdirected_request"),
            (
                "GET /sales/metrics HTTP/1.1\r\nHost: 10.0.0.1:8080\r\n\r\n", 421,
                "misdirected_request"
            ),
            ("GET /salesmen HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, "not_found"),
            ("GET /souk-problem HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, "not_found"),
            (
                "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", 404,
                "not_found"
            ),
            ("Hello, is this the shop?\r\n\r\n", 400, "bad_request"),
            ("GET /inventory HTTP/1.1\r\n\r\n", 400, "bad_request"),
            ("GET /inventory HTTP/1.1\r\nHost: localhost\r\nHost: b\r\n\r\n", 400, "bad_request"),
            ("GET /inventory/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "bad_request"),
            ("GET /inventory/\u{0} HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "bad_request"),
            ("GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "bad_request"),
            ("GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "bad_request"),
            (
                "GET /sales HTTP/1.1\r\nHost: localhost\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n",
                400, "bad_request"
            ),
            (
                "POST /sales HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1x\r\n\r\n{}", 400,
                "bad_request"
            ),
            (
                "POST /sales HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n{}", 400,
                "bad_request"
            ),
            (
                """
                POST /sales HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\
                Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n
                """,
                400, "bad_request"
            ),
            (
                "POST /sales HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                400, "bad_request"
            ),
            (
                "POST /sales HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501,
                "not_implemented"
            ),
            ("GET /inventory HTTP/3.0\r\nHost: localhost\r\n\r\n", 505, "version_not_supported"),
            ("TRACE /inventory HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "method_not_allowed"),
        ]

        @Test(arguments: rows) func isAProblem(row: (request: String, status: Int, code: String))
            throws
        {
            try send(row.request).expectProblem(row.status, row.code)
        }

        /// Names of this machine, with and without a port.
        @Test(arguments: ["localhost", "localhost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]:8080"])
        func theNamesOfThisMachineAreServed(host: String) throws {
            try send("GET /inventory HTTP/1.1\r\nHost: \(host)\r\n\r\n").expect(200)
        }

        /// A browser gets the documentation, a program gets JSON.
        @Test func theRootHelpsPeopleAndPrograms() throws {
            let visitor = try SharedShop.shop.visitor()
            let html = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")]
            let page = try visitor.send("GET", "/", fields: html).expect(303)
            #expect(page["Location"] == "/docs")
            #expect(page["Vary"] == "Accept")
            for accept in ["*/*", "application/json", ""] {
                let answer = try visitor.send("GET", "/", fields: [("Accept", accept)]).expect(
                    200, shows: #"{"documentation":"/docs","openapi":"/openapi.yaml"}"#)
                #expect(answer["Content-Type"] == "application/json")
                #expect(answer["Vary"] == "Accept")
                let resources = try #require(answer.json["resources"]?.elements)
                #expect(resources.count == 7)
                for case .string(let path) in resources {
                    let status = try visitor.send("GET", path).status
                    #expect([200, 401].contains(status), "\(path)")
                }
            }
        }

        @Test func aTargetThatIsTooLong() throws {
            let target = "/inventory?q=" + String(repeating: "a", count: 40_000)
            try SharedShop.shop.visitor().send("GET", target).expectProblem(414, "uri_too_long")
        }

        @Test func aHeaderThatIsTooLarge() throws {
            let fields = [("X-Large", String(repeating: "a", count: 40_000))]
            try SharedShop.shop.visitor().send("GET", "/inventory", fields: fields)
                .expectProblem(431, "headers_too_large")
        }

        /// The largest body that is accepted, and one byte more, with and without a length.
        @Test(arguments: [false, true]) func aBodyAtTheLimit(isChunked: Bool) throws {
            let sami = try SharedShop.demo("sami")
            for excess in [0, 1] {
                let start = #"{"name":""#, end = #"","category":"pens","price":1}"#
                let filling = Request.bodyBytesMax + excess - start.utf8.count - end.utf8.count
                let body = Array((start + String(repeating: "a", count: filling) + end).utf8)
                let answer =
                    try isChunked
                    ? sami.send(chunked: body, to: "/inventory")
                    : sami.send(
                        "POST", "/inventory", bytes: body,
                        fields: [("Content-Type", "application/json")])
                if excess == 0 {
                    answer.expectProblem(422, "invalid_request", faults: ["name"])
                } else {
                    answer.expectProblem(413, "payload_too_large")
                }
            }
        }

        /// A client that sends `Expect: 100-continue` gets the error before it sends the body (RFC
        /// 9110 section 10.1.1).
        @Test func aLargeBodyThatIsAnnounced() throws {
            try send(
                "POST /sales HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"
            ).expectProblem(413, "payload_too_large")
        }

        @Test func withoutLimitsNoClientIsDelayed() throws {
            let visitor = try SharedShop.shop.visitor()
            let guess = #"{"username":"nobody-at-all","password":"a wrong guess"}"#
            for _ in 0..<12 {
                try visitor.send("POST", "/customers/login", guess)
                    .expectProblem(401, "invalid_credentials")
            }
            for _ in 0..<400 {
                let answer = try visitor.send("POST", "/customers/login", "{")
                #expect(answer.status == 400)
            }
        }

        /// The responder and its supervisor are gone, so no process listens on the socket.
        @Test func aMissingSocket() throws {
            let shop = try SharedShop.shop
            let socket = shop.home.file("run/reviews.sock"), aside = socket + ".aside"
            #expect(rename(socket, aside) == 0)
            defer { rename(aside, socket) }
            // The kept connections of nginx still reach the responder for a second.
            usleep(1_300_000)
            // No request has used 97 yet, so nginx has no kept connection to it.
            for (method, target) in [("GET", "/reviews?limit=97"), ("POST", "/reviews")] {
                try shop.visitor().send(method, target).expectProblem(502, "bad_gateway")
            }
            #expect(rename(aside, socket) == 0)
            try shop.visitor().send("GET", "/reviews").expect(200)
            try shop.visitor().send("POST", "/reviews").expectProblem(401, "token_missing")
        }

        /// If a responder dies while it handles a POST, the client gets an error and nginx does not
        /// retry.
        @Test func aDaemonThatDiesOverAPost() throws {
            let shop = try SharedShop.shop
            let sami = try SharedShop.demo("sami")
            let before = try shop.process(of: "inventoryd")
            // Opens the connection that the POST will use.
            try sami.send("GET", "/inventory?limit=1").expect(200)
            kill(before, SIGSTOP)
            onThreads(2) { number in
                if number == 0 {
                    let body = #"{"name":"never","category":"never","price":1}"#
                    let answer = try? sami.send("POST", "/inventory", body)
                    answer?.expectProblem(502, "bad_gateway")
                    #expect(answer != nil)
                } else {
                    usleep(1_000_000)
                    kill(before, SIGKILL)
                }
            }
            #expect(try eventually(within: 30) { try shop.process(of: "inventoryd") != before })
            try sami.send("GET", "/inventory?category=never").expect(200, shows: #"{"data":[]}"#)
        }

        /// Another program holds the database lock longer than a responder waits (5 s).
        @Test func aDatabaseThatIsLocked() throws {
            let shop = try SharedShop.shop
            let sami = try SharedShop.demo("sami")
            let lock = try WriteLock(on: shop.home.file("souk.db"))
            let body = #"{"name":"late","category":"late","price":1}"#
            let answer = try sami.send("POST", "/inventory", body)
            answer.expectProblem(503, "unavailable")
            #expect(answer["Retry-After"] == "1")
            // Reads do not wait for the lock.
            try sami.send("GET", "/inventory?category=late").expect(200, shows: #"{"data":[]}"#)
            try lock.release()
            try sami.send("POST", "/inventory", body).expect(201)
        }

        @Test func everyResponseHasSecurityHeaders() throws {
            for target in ["/inventory", "/nowhere", "/inventory/0"] {
                let answer = try SharedShop.shop.visitor().send("GET", target)
                #expect(answer["X-Content-Type-Options"] == "nosniff")
                #expect(answer["X-Frame-Options"] == "DENY")
                #expect(answer["Cross-Origin-Opener-Policy"] == "same-origin")
                #expect(answer["Server"] == "nginx")
                #expect(answer.fields.count { $0.name == "X-Request-Id" } == 1, "\(answer)")
            }
        }
    }
}
