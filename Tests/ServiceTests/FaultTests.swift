import Customers
import HTTP
import HTTPTypes
import Logging
import Service
import Storage
import Synchronization
import TestShop
import Testing

/// Server errors are logged once, and the response does not reveal them.
@Suite struct FaultTests {
    private struct Secret: Error, CustomStringConvertible {
        let description = "the password of the database is 1234"
    }

    private static let routes: [Route] = [
        .get("/plain", .anyone) { _, _ in throw Secret() },
        .get("/column", .anyone) { _, tx in
            let row = try tx.first("SELECT 1 AS one")
            let text: String? = try row?["two"]
            return .ok(text ?? "")
        },
        .post("/engine", .anyone, body: Secrets.self) { _, _, tx in
            try tx.run("UPDATE no_such_table SET x = 1")
            return .noContent
        },
        .post("/constraint", .anyone, body: Secrets.self) { _, _, tx in
            try tx.run("UPDATE customers SET balance = -1 WHERE username = 'ada'")
            return .noContent
        },
        .get("/busy", .anyone) { _, _ in throw StoreError.busy },
        .get("/full", .anyone) { _, _ in throw StoreError.unavailable("disk is full") },
        .get("/problem", .anyone) { _, _ in throw Problem.conflict("c", "d") },
        .get("/well", .anyone) { _, _ in .ok("well") },
    ]

    private static let shop = Shop(
        currency: "USD", keys: KeyRing([TestShop.secret]), accessTokenSeconds: 900,
        refreshTokenSeconds: 900, throttlesLogins: true)

    private func answer(
        _ method: HTTPRequest.Method, _ path: String, query: String = "",
        level: Logger.Level = .info
    ) throws -> (Response, [Entry], TestShop) {
        let shop = try TestShop()
        let memory = MemoryLog()
        var log = Logger(label: "test") { _ in MemoryLogHandler(memory: memory) }
        log.logLevel = level
        let responder = Responder(
            FaultTests.routes, of: FaultTests.shop, on: shop.store,
            authentication: Customers.authentication, log: log)
        let response = responder.answer(
            Request(
                method: method, path: path, query: query,
                fields: [.contentType: "application/json", .userAgent: "correct horse"],
                body: method == .post ? Array(#"{"password":"correct horse"}"#.utf8) : [],
                id: "id-of-the-request"))
        return (response, memory.entries, shop)
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/plain", "the password of the database is 1234"),
        (.get, "/column", "two"),
        (.post, "/engine", "no_such_table"), (.post, "/constraint", "customers_balance"),
        (.head, "/plain", "1234"),
    ]) func isABare500(method: HTTPRequest.Method, path: String, cause: String) throws {
        let (response, entries, shop) = try answer(method, path)
        #expect(response.status == .internalServerError)
        #expect(response.fields[.contentType] == "application/problem+json")
        #expect(
            response.fields.first { $0.name.canonicalName == "x-request-id" }?.value
                == "id-of-the-request")
        if method != .head {
            #expect(
                response.text
                    == #"""
                    {"type":"about:blank","title":"Internal Server Error","status":500,\#
                    "code":"internal_error",\#
                    "detail":"The service failed and logged the error.",\#
                    "request_id":"id-of-the-request"}
                    """#
            )
        }
        #expect(entries.count == 1)
        let entry = try #require(entries.first)
        #expect(entry.level == .error)
        #expect(entry.message.contains(cause), "\(entry.message)")
        #expect(entry.metadata["request_id"] == "id-of-the-request")
        #expect(entry.metadata["path"] == .string(path))
        #expect(try shop.breaches() == [])
    }

    @Test func isReportedInADryRunToo() throws {
        let (response, entries, _) = try answer(.post, "/engine", query: "dry_run=true")
        #expect(response.status == .internalServerError)
        #expect(try response.json["code"] == .string("internal_error"))
        #expect(entries.count == 1)
    }

    @Test func aBusyDatabaseIsNoServerError() throws {
        let (response, entries, _) = try answer(.get, "/busy")
        #expect(response.status == .serviceUnavailable)
        #expect(try response.json["code"] == .string("unavailable"))
        #expect((response.fields[.retryAfter].flatMap(Int.init) ?? 0) >= 1)
        #expect(entries.isEmpty)
    }

    /// A request that has timed out on a lock gets its response without another database access.
    @Test(arguments: ["", "dry_run=true"]) func aBusyDatabaseIsNotReadAgain(query: String) throws {
        let store = LockedStore()
        let route = Route.post("/locked", .anyone) { _, _ in .noContent }
        let response = Responder(
            [route], of: FaultTests.shop, on: store, authentication: Customers.authentication,
            log: Logger(label: "test")
        ).answer(
            Request(
                method: .post, path: "/locked", query: query,
                fields: [.contentType: "application/json"], body: Array("{}".utf8), id: "id"))
        #expect(response.status == .serviceUnavailable)
        #expect(store.reads.load(ordering: .relaxed) == 0)
    }

    @Test func logsThatItCannotWrite() throws {
        let (response, entries, _) = try answer(.get, "/full")
        #expect(response.status == .serviceUnavailable)
        #expect((response.fields[.retryAfter].flatMap(Int.init) ?? 0) >= 1)
        #expect(!response.text.contains("disk"))
        #expect(entries.map(\.level) == [.error])
        #expect(entries.first?.metadata["request_id"] == "id-of-the-request")
    }

    /// One line for each request at debug level, without body, query and header fields.
    @Test(arguments: [("/well", "200"), ("/problem", "409"), ("/nothing", "404")])
    func logsEachRequestAtDebugLevel(path: String, status: String) throws {
        #expect(try answer(.get, path).1.isEmpty)
        let (_, entries, _) = try answer(.get, path, query: "", level: .debug)
        #expect(entries.count == 1)
        let entry = try #require(entries.first)
        #expect(entry.level == .debug)
        #expect(entry.metadata["request_id"] == "id-of-the-request")
        #expect(entry.metadata["status"] == .string(status))
        #expect(entry.metadata["method"] == "GET")
        #expect(entry.metadata["path"] == .string(path))
        #expect(!"\(entry)".contains("correct horse"))
    }
}

/// A database that another program has locked.
private final class LockedStore: Store {
    let reads = Atomic(0)

    func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        reads.add(1, ordering: .relaxed)
        throw StoreError.busy
    }

    func write<T: Sendable>(
        _ end: TransactionEnd, _ body: @Sendable (any Transaction) throws -> T
    ) throws -> T {
        throw StoreError.busy
    }
}

private struct Secrets: Input {
    init(_ fields: inout Fields) { _ = fields.required("password", .line(1...100)) }
}
