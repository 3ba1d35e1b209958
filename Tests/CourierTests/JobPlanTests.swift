import HTTP
import Outbox
import Storage
import TestShop
import Testing
import Values

/// No statement about jobs reads all of them.
@Suite(.onSQLite) struct JobPlanTests {
    @Test func noStatementScansJobs() throws {
        let record = StatementRecord()
        let shop = try TestShop(record: record)
        let store = shop.recording
        let now = shop.clock.now
        try store.write { tx in
            for queue in 0..<3 {
                try enqueue(
                    "test", in: JobQueue("mail", Int64(queue)), ["a"], of: 1, at: now, in: tx)
            }
        }
        var claims = JobClaims(by: "a")
        for job in try claims.claim(atMost: 3, on: store, at: now) {
            guard let lease = job.lease else { continue }
            try store.write { tx in
                _ = try renew(lease, at: now, in: tx)
                _ = try release(lease, until: now, error: nil, in: tx)
                _ = try fail(lease, error: "e", at: now, in: tx)
                _ = try complete(lease, in: tx)
            }
        }
        try store.write { tx in
            let first = try jobs(after: 0, limit: 5, in: tx).first
            _ = try failedJobs(after: nil, limit: 5, in: tx)
            _ = try failedJobs(after: first, limit: 5, in: tx)
            _ = try retryJob(1, at: now, in: tx)
            _ = try dropJob(1, in: tx)
            _ = try pruneEvents(before: now, limit: 5, in: tx)
            _ = try pruneFailedJobs(before: now, limit: 5, in: tx)
            try eraseJobs(of: 1, in: tx)
        }
        let statements = record.all
        #expect(statements.count > 12)
        for sql in statements {
            for step in try shop.store.queryPlan(of: sql) where step.readsAll {
                Issue.record("\(step)\n\(sql.text { "\($0)" })")
            }
        }
    }
}

extension String {
    /// A step that reads a whole table or sorts it.
    ///
    /// `queues` has at most `JobClaims.queuesMax` rows, and `feed_cursors` one for each reader. A page
    /// of the failed jobs is the start of their index.
    fileprivate var readsAll: Bool {
        let isScan =
            hasPrefix("SCAN ") && !hasPrefix("SCAN feed_cursors")
            && ![
                "SCAN CONSTANT ROW", "SCAN queues", "SCAN jobs USING INDEX jobs_failed",
            ].contains(self)
        return isScan || contains("USE TEMP B-TREE") || contains("AUTOMATIC")
    }
}
