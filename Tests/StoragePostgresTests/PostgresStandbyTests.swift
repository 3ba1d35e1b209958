import Glibc
import PostgresFixture
import Storage
import StoragePostgres
import Testing

/// Reads of one snapshot on a streaming standby.
@Suite struct PostgresStandbyTests {
    @Test func readsOneSnapshotWithSeveralConnections() throws {
        let primary = try TestServer()
        let pens = try PostgresPens(on: primary)
        try pens.store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
        let standby = try TestServer(following: primary)
        try standby.catchUp(with: primary)
        let store = try PostgresStore(
            url: standby.url(pens.database.name), workload: .wholeTables)
        let bodies = (0..<3).map { number in
            { @Sendable (tx: any Transaction) throws -> Int64? in
                if number == 0 {
                    try pens.store.write { try $0.run("INSERT INTO pens (name) VALUES ('b')") }
                    try standby.catchUp(with: primary)
                }
                return try tx.first("SELECT COUNT(*) AS n FROM pens")?["n"]
            }
        }
        #expect(try store.readTogether(bodies, atOnce: 1) { _ in } == [1, 1, 1])
        #expect(try store.pens == 2)
        #expect(try store.read { try store.reasonNotToCompare(in: $0) } != nil)
        #expect(try pens.store.read { try pens.store.reasonNotToCompare(in: $0) } == nil)
    }

    /// A standby that does not wait for its readers cancels them.
    @Test func aCancelledReadSaysWhatToDo() throws {
        let primary = try TestServer(settings: ["autovacuum = off"])
        let pens = try PostgresPens(on: primary)
        try pens.store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
        let standby = try TestServer(
            settings: ["max_standby_streaming_delay = 0"], following: primary)
        try standby.catchUp(with: primary)
        let store = try PostgresStore(
            url: standby.url(pens.database.name), workload: .wholeTables)
        let body = { @Sendable (tx: any Transaction) throws in
            try tx.run("SELECT id FROM pens")
            try primary.execute("DELETE FROM pens", in: pens.database.name)
            try primary.execute("VACUUM pens", in: pens.database.name)
            for _ in 0..<1000 {
                try tx.run("SELECT id FROM pens")
                usleep(10_000)
            }
        }
        let next = { @Sendable (tx: any Transaction) throws in _ = try tx.run("SELECT 1 AS n") }
        let failure = #expect(throws: StoreError.self) {
            try store.readTogether([body, next], atOnce: 1) { _ in }
        }
        guard case .unavailable(let reason) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(reason.contains("Set hot_standby_feedback = on on the standby"), "\(reason)")
    }
}
