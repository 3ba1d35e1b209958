import Storage
import StoragePostgres
import Testing

@Suite struct PostgresWriteTests {
    /// The statements wait for the next one or for COMMIT.
    @Test func laterStatementsNeedNoRoundTrips() throws {
        let pens = try PostgresPens()
        let store = pens.store
        let before = roundTrips(store)
        try store.write { tx in
            let id = try tx.insert("INSERT INTO pens (name) VALUES ('a')")
            for _ in 0..<10 { try tx.later("UPDATE pens SET stock = stock + 1 WHERE id = \(id)") }
        }
        #expect(roundTrips(store) - before == 2)
        #expect(try store.number("SELECT stock AS n FROM pens") == 10)
        try store.write { tx in
            for number in 0..<1000 as Range<Int64> {
                try tx.later("INSERT INTO pens (stock) VALUES (\(number))")
            }
        }
        #expect(try store.pens == 1001)
    }

    private func roundTrips(_ store: PostgresStore) -> Int {
        store.value(of: "souk_postgres_round_trips_total")
    }
}

extension PostgresStore {
    /// The sum of a metric's samples.
    func value(of name: String) -> Int {
        metrics.filter { $0.name == name }.flatMap(\.samples).compactMap { Int($0.value) }
            .reduce(0, +)
    }
}
