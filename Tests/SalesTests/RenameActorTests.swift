import Outbox
import Sales
import TestShop
import Testing

/// The name of erased staff in past events of orders of other people.
@Suite struct RenameActorTests {
    @Test func anErasureRemovesTheName() throws {
        let shop = try TestShop()
        for order in 1...5 {
            try CreateOrderTests.buy(1, 1).succeeds(in: shop)
            try Scenario.Step(
                .post, "/sales/\(order)/ship", as: order == 3 ? "adil" : "sami"
            ).succeeds(in: shop)
        }
        func names() throws -> [String] {
            let data: [String] = try shop.store.read { tx in
                try tx.all(
                    """
                    SELECT data FROM (
                        SELECT 1 AS place, position AS number, type, data FROM events
                        UNION ALL SELECT 2, id, type, data FROM outbox
                    ) AS told WHERE type = 'order.shipped' ORDER BY place, number
                    """
                ) { try $0["data"] }
            }
            return data.map { text in
                ["sami", "adil", "erased~2"].first { text.contains(#""actor":"\#($0)""#) } ?? text
            }
        }
        #expect(try names() == ["sami", "sami", "adil", "sami", "sami"])
        // Half of the events are in the feed already.
        try shop.store.write { _ = try numberEvents(in: $0) }
        try CreateOrderTests.buy(1, 1).succeeds(in: shop)
        try Scenario.Step(.post, "/sales/6/ship", as: "sami").succeeds(in: shop)
        let sami: Int64 = try shop.value(
            "SELECT id AS value FROM customers WHERE username = 'sami'")
        try Scenario.Step(.delete, "/customers/sami", as: "adil").succeeds(in: shop)

        var done: Int64 = 0
        while let job = try shop.store.read({
            try jobs(after: done, limit: 100, in: $0).first { $0.kind == renameActorJobKind }
        }) {
            done = job.id
            try shop.store.write { try renameActor(job.payload, atMost: 2, at: .now(), in: $0) }
        }
        let erased = "erased~\(sami)"
        #expect(
            try names().map { $0.contains(erased) ? erased : $0 } == [
                erased, erased, "adil", erased, erased, erased,
            ])
    }
}
