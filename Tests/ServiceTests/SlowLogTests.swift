import Customers
import Glibc
import HTTP
import HTTPTypes
import Launch
import Logging
import TestShop
import Testing

@testable import Service

/// Slow requests are logged without personal data.
@Suite struct SlowLogTests {
    private func log(of request: Request, slowMs: Int?) throws -> [Entry] {
        let shop = try TestShop()
        let memory = MemoryLog()
        let responder = Responder(
            [
                .get("/people/:name", .anyone) { _, _ in
                    usleep(30_000)
                    return .noContent
                }
            ],
            of: Shop(
                currency: "USD", keys: KeyRing([TestShop.secret]), accessTokenSeconds: 900,
                refreshTokenSeconds: 900, throttlesLogins: true),
            on: shop.store, authentication: Customers.authentication,
            log: Logger(label: "test") { _ in MemoryLogHandler(memory: memory) }, slowMs: slowMs)
        _ = responder.answer(request)
        return memory.entries
    }

    @Test func logsTheRouteOnly() throws {
        let request = Request(path: "/people/leila", query: "", id: "4f1c")
        let entries = try log(of: request, slowMs: 20)
        #expect(entries.count == 1)
        let entry = try #require(entries.first)
        #expect(entry.level == .warning && entry.message == "slow")
        #expect(entry.metadata["route"] == "/people/:name")
        #expect(entry.metadata["method"] == "GET" && entry.metadata["status"] == "204")
        #expect(entry.metadata["request_id"] == "4f1c")
        #expect(Int("\(entry.metadata["ms"] ?? "")").map { $0 >= 30 } == true)
        #expect(!"\(entry.metadata)".contains("leila"))
    }

    @Test(arguments: [600_000, nil]) func omitsFastRequests(slowMs: Int?) throws {
        let request = Request(path: "/people/leila", id: "4f1c")
        #expect(try log(of: request, slowMs: slowMs).isEmpty)
    }

    /// A request that waits for an event or a payment is not slow.
    @Test func waitingDoesNotCount() throws {
        let shop = try TestShop()
        let memory = MemoryLog()
        let responder = Responder(
            try #require(ResponderProgram.all.first).routes, of: shop.shop, on: shop.store,
            authentication: Customers.authentication, clock: { shop.clock.now },
            log: Logger(label: "test") { _ in MemoryLogHandler(memory: memory) }, slowMs: 500)
        let fields: HTTPFields = [.authorization: "Bearer \(try shop.token(of: "sami"))"]
        let begin = ContinuousClock.now
        let response = responder.answer(
            Request(path: "/events", query: "after=77&wait=1", fields: fields, id: "4f1c"))
        #expect(response.status == .ok && ContinuousClock.now - begin > .milliseconds(900))
        #expect(memory.entries.isEmpty)
        let line = try #require(responder.traffic.lines.first { $0.route == "/events" })
        #expect(line.microseconds < 500_000)
    }

    @Test func isBounded() {
        let slow = SlowLog(slowMs: 1)
        let first = (0..<1000).compactMap { _ in slow.turn(at: 7) }
        #expect(first == Array(repeating: 0, count: 60))
        #expect(slow.turn(at: 8) == 940)
        #expect(slow.turn(at: 8) == 0)
    }
}
