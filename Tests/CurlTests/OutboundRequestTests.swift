import Curl
import Foundation
import HTTPTypes
import ShopFixture
import Testing

@Suite struct OutboundRequestTests {
    let servers: PythonServers

    init() throws {
        servers = try PythonServers.shared.get()
    }

    /// The URL of the test server; its host is on the list of allowed hosts.
    private func url(_ path: String, _ scheme: String = "https") throws -> OutboundURL {
        let hosts = try #require(AllowedHosts("hook.test"))
        let port = servers.webPort(scheme)
        return try OutboundURL("\(scheme)://hook.test:\(port)\(path)", allowing: hosts)
    }

    private func get(_ path: String, timeoutMs: Int = 10_000) throws
        -> Result<OutboundResponse, TransferFailure>
    {
        var request = try OutboundRequest(.get, url(path))
        request.timeoutMs = timeoutMs
        return request.send(servers.network)
    }

    private struct Echo: Decodable {
        let method: String
        let headers: [[String]]
        let body: String

        func value(_ name: String) -> String? {
            headers.first { $0[0].lowercased() == name.lowercased() }?[1]
        }
    }

    private func echo(_ request: OutboundRequest) throws -> Echo {
        let body = try request.send(servers.network).get().body
        return try JSONDecoder().decode(Echo.self, from: Data(body))
    }

    @Test func sendsTheBytesAndHeadersAsGiven() throws {
        let body = Array("{\"a\":\"\u{0}ü\"}\n".utf8)
        let name = try #require(HTTPField.Name("webhook-id"))
        let empty = try #require(HTTPField.Name("X-Empty"))
        let seen = try echo(
            OutboundRequest(
                .post, url("/echo"),
                headers: [.contentType: "application/json", name: "evt_1", empty: ""], body: body))
        #expect(seen.method == "POST")
        #expect(Array(seen.body.unicodeScalars.map { UInt8($0.value) }) == body)
        #expect(seen.value("webhook-id") == "evt_1")
        #expect(seen.value("Content-Type") == "application/json")
        #expect(seen.value("Content-Length") == "\(body.count)")
        #expect(seen.value("User-Agent") == "Souk")
        #expect(seen.headers.contains { $0[0].hasPrefix("X-Empty") })
        #expect(seen.value("Expect") == nil && seen.value("Cookie") == nil)
    }

    @Test(arguments: [
        HTTPRequest.Method.get, .post, .put, .patch, .delete, .options,
    ]) func sendsEveryMethod(method: HTTPRequest.Method) throws {
        let seen = try echo(OutboundRequest(method, url("/echo")))
        #expect(seen.method == method.rawValue && seen.body == "")
        #expect((seen.value("Content-Length") == "0") == (method != .get && method != .delete))
        #expect(seen.value("Content-Type") == nil)
    }

    @Test func headHasNoBody() throws {
        let response = try OutboundRequest(.head, url("/bytes/10")).send(servers.network).get()
        #expect(response.status == 200 && response.body.isEmpty && !response.isCut)
    }

    @Test func aHeaderCannotAddAnother() throws {
        let seen = try echo(
            OutboundRequest(
                .get, url("/echo"), headers: [.userAgent: "a\r\nX-Evil: 1\nX-Worse: 2"]))
        #expect(seen.value("X-Evil") == nil && seen.value("X-Worse") == nil)
        #expect(seen.value("User-Agent") == "a  X-Evil: 1 X-Worse: 2")
    }

    @Test func aLargeBodyIsSentAtOnce() throws {
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 2_000_000)
        let response = try OutboundRequest(.post, url("/bytes/3"), body: body)
            .send(servers.network).get()
        #expect(response.status == 200 && response.ms < 900)
    }

    @Test func everyStatusIsAResponse() throws {
        for status in [200, 204, 400, 410, 429, 500, 503] {
            let response = try get("/status/\(status)").get()
            #expect(response.status == status)
            #expect(response.headers[.retryAfter] == "7")
        }
    }

    @Test func repeatedAndEmptyFieldsAreKept() throws {
        let headers = try get("/echo").get().headers
        let twice = try #require(HTTPField.Name("X-Twice"))
        let empty = try #require(HTTPField.Name("X-Empty"))
        #expect(headers[values: twice] == ["1", "2"])
        #expect(headers[empty] == "")
    }

    @Test func redirectsAreNotFollowed() throws {
        let response = try get("/redirect").get()
        #expect(response.status == 302 && response.body == Array("moved".utf8))
    }

    @Test func bodiesAreCutAt64KiB() throws {
        let whole = try get("/bytes/65536").get()
        #expect(whole.body.count == 65_536 && !whole.isCut)
        for path in ["/bytes/65537", "/endless"] {
            let cut = try get(path).get()
            #expect(cut.status == 200 && cut.body.count == 65_536 && cut.isCut)
        }
    }

    @Test func responsesThatTakeTooLongEnd() throws {
        for path in ["/silent", "/drip"] {
            let failure = #expect(throws: TransferFailure.self) {
                try get(path, timeoutMs: 400).get()
            }
            #expect(failure?.code == .timeout)
            #expect((350...3000).contains(failure?.ms ?? 0), "\(failure?.ms ?? 0)")
        }
    }

    static let broken: [(path: String, code: TransferFailure.Code)] = [
        ("/endless-header", .invalidResponse), ("/garbage", .invalidResponse),
        ("/old", .invalidResponse), ("/close", .connectionLost), ("/short", .connectionLost),
    ]

    @Test(arguments: broken) func brokenResponses(
        row: (path: String, code: TransferFailure.Code)
    ) throws {
        let failure = #expect(throws: TransferFailure.self) { try get(row.path).get() }
        #expect(failure?.code == row.code, "\(failure?.detail ?? "")")
    }

    @Test func tlsIsVerified() throws {
        var unknown = servers.network
        unknown.caFile = nil
        let wrong = try #require(AllowedHosts("wrong.test"))
        let port = servers.webPort("https")
        let results = [
            // The system does not trust the authority; the certificate is for another name.
            try OutboundRequest(.get, url("/echo")).send(unknown),
            OutboundRequest(
                .get, try OutboundURL("https://wrong.test:\(port)/", allowing: wrong)
            ).send(servers.network),
            // Not TLS at all.
            OutboundRequest(
                .get,
                try OutboundURL("https://wrong.test:\(servers.webPort("http"))/", allowing: wrong)
            ).send(servers.network),
        ]
        for result in results {
            let failure = #expect(throws: TransferFailure.self) { try result.get() }
            #expect(failure?.code == .tlsFailed, "\(failure?.detail ?? "")")
        }
    }

    @Test func plainHTTPToAnAllowedHost() throws {
        let response = try OutboundRequest(.get, url("/bytes/1", "http")).send(servers.network)
            .get()
        #expect(response.status == 200)
    }

    @Test func ipv6() throws {
        let url = try #require(
            OutboundURL(trusted: "https://[::1]:\(servers.webPort("ipv6"))/bytes/1"))
        #expect(try OutboundRequest(.get, url).send(servers.network).get().status == 200)
    }

    @Test func hostsThatDoNotAnswer() throws {
        let port = servers.webPort("https")
        // Nothing listens on port 1. The name ends in a domain that is reserved for this, RFC 6761.
        for (text, code) in [
            ("https://127.0.0.1:1/", TransferFailure.Code.connectionFailed),
            ("https://nothing.invalid:\(port)/", .hostNotFound),
        ] {
            let url = try #require(OutboundURL(trusted: text))
            let failure = #expect(throws: TransferFailure.self) {
                try OutboundRequest(.get, url).send().get()
            }
            #expect(failure?.code == code, "\(failure?.detail ?? "")")
        }
    }

    /// `PythonServers` sets the variable, and no proxy listens there.
    @Test func noProxyIsUsed() throws {
        #expect(getenv("all_proxy") != nil)
        #expect(try get("/bytes/1").get().status == 200)
    }
}
