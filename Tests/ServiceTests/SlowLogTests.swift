import Customers
import Glibc
import HTTP
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

    @Test func isBounded() {
        let slow = SlowLog(slowMs: 1)
        let first = (0..<1000).compactMap { _ in slow.turn(at: 7) }
        #expect(first == Array(repeating: 0, count: 60))
        #expect(slow.turn(at: 8) == 940)
        #expect(slow.turn(at: 8) == 0)
    }
}
