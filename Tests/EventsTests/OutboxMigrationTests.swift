import HTTP
import Launch
import Outbox
import Storage
import TestShop
import Testing
import Values

/// The events of a shop from the time when the feed and its queue were one table.
@Suite struct OutboxMigrationTests {
    private static let migration = "outbox/3 events apart from their feed"

    private func insert(_ subject: String, at position: Int64?, in tx: any Transaction) throws {
        try tx.run(
            """
            INSERT INTO events (position, type, subject, data, customer_id, actor_id, created_at)
            VALUES (\(position.stored), 'order.paid', \(subject), '{"total":5}', 1, 2, 3)
            """)
    }

    @Test func eventsKeepTheirPositionsAndData() throws {
        let database = try ShopDatabase()
        let store = try database.open()
        defer { withExtendedLifetime(database) { store.close() } }
        let now = Instant(milliseconds: 0)
        let later = [
            Self.migration, "outbox/4 times of notices",
            "outbox/5 jobs by time apart from their queues",
        ]
        let former = schema.filter { !later.contains($0.name) }
        #expect(former.count == schema.count - 3)
        try former.migrate(store, at: now)
        try store.write { tx in
            for (subject, position) in [("/sales/3", nil), ("/sales/2", 8), ("/sales/1", 7)]
                as [(String, Int64?)]
            {
                try insert(subject, at: position, in: tx)
            }
            try tx.run("UPDATE event_positions SET last = 8")
        }
        #expect(try schema.migrate(store, at: now) == later)
        try store.write { tx in
            #expect(try numberEvents(in: tx) == 1)
            let feed = try events(after: 0, limit: 10, in: tx)
            #expect(feed.map(\.position) == [7, 8, 9])
            #expect(feed.map(\.subject) == ["/sales/1", "/sales/2", "/sales/3"])
            #expect(
                feed.allSatisfy {
                    $0.data == #"{"total":5}"# && $0.customer == 1 && $0.actor == 2
                        && $0.createdAt == Instant(milliseconds: 3)
                })
        }
    }
}
