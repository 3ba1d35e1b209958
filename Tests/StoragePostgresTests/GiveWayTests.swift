import Glibc
import PostgresFixture
import Storage
import StoragePostgres
import Testing
import Threads

@Suite struct GiveWayTests {
    @Test(
        "a background process writes rarely while four others run statements, and often afterwards")
    func givesWay() throws {
        let pens = try PostgresPens(for: .background)
        let others = try PostgresStore(url: pens.database.url, busyWaitMs: 30_000)
        let busy = try Thread(named: "busy") {
            onThreads(4) { _ in
                _ = try? others.write { try $0.run("SELECT 1 AS n FROM pg_sleep(5)") }
            }
        }
        while try active(others) < 4 { usleep(10_000) }
        // The store asks the server ten times a second.
        usleep(150_000)
        let start = monotonicMs()
        for _ in 0..<5 { try write(pens.store) }
        // Each write takes 10 ms or more, so a pause takes 200.
        #expect(monotonicMs() - start >= 1000)
        busy.join()
        usleep(150_000)
        let afterwards = monotonicMs()
        for _ in 0..<50 { try write(pens.store) }
        // With pauses it would take more than 10 s.
        #expect(monotonicMs() - afterwards < 7000)
    }

    private func write(_ store: PostgresStore) throws {
        try store.write { try $0.run("SELECT 1 AS n FROM pg_sleep(0.01)") }
    }

    private func active(_ store: PostgresStore) throws -> Int64 {
        try store.number(
            """
            SELECT COUNT(*) AS n FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE '%pg_sleep(5)%'
                AND query NOT LIKE '%pg_stat_activity%' AND state = 'active'
            """) ?? 0
    }
}
