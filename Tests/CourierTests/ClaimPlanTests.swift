import HTTP
import Outbox
import Storage
import StoragePostgres
import TestShop
import Testing
import Values

/// A session of PostgreSQL plans a statement once, at a time when there may be few jobs.
@Suite(.once) struct ClaimPlanTests {
    /// What the server knows when the courier claims for the first time.
    enum Start: CaseIterable {
        /// The table was empty when it was analyzed.
        case empty
        /// It had five jobs.
        case few
        /// It has never been analyzed, and has 300 jobs.
        case unknown

        var jobs: Int64 {
            switch self {
            case .empty: 0
            case .few: 5
            case .unknown: 300
            }
        }
    }

    /// A claim reads few entries for each queue, although the table has grown to 10,000 jobs of
    /// 1,000 queues.
    @Test(arguments: Start.allCases) func aClaimReadsFewJobs(start: Start) throws {
        let shop = try TestShop(on: .postgresql)
        let now = shop.clock.now
        try add(start.jobs, to: shop)
        if start != .unknown { try shop.store.write { try $0.run("ANALYZE jobs") } }
        let store = try PostgresStore(url: shop.databaseSetting, workload: .background)
        var claims = JobClaims(by: "a")
        _ = try claims.claim(atMost: 4, on: store, at: now)
        try add(10_000, to: shop)
        #expect(try claims.claim(atMost: 4, on: store, at: now).count == 4)
        // A session reports what it has read at its end.
        store.close()
        let sessions: SQL = """
            SELECT COUNT(*) AS value FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'souk background'
            """
        try eventually { try shop.value(sessions) == Int64(0) }
        let read: Int64 = try shop.value(
            """
            SELECT CAST(seq_tup_read + (
                SELECT SUM(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'jobs'
            ) AS BIGINT) AS value
            FROM pg_stat_user_tables WHERE relname = 'jobs'
            """)
        // A claim begins after the last claimed queue, and looks at the queues to the end.
        #expect((1000...20_000).contains(read), "\(read)")
    }

    private func add(_ count: Int64, to shop: TestShop) throws {
        try shop.store.write { tx in
            try tx.run(
                """
                INSERT INTO jobs (queue, kind, payload, state, attempts, run_at, created_at)
                SELECT 'webhook:' || number % 1000, 'test', '["a"]', 'pending', 0, 1, 1
                FROM generate_series(1, \(count)) AS number
                """)
        }
    }
}
