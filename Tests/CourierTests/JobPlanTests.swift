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
            _ = try isDue("a", everySeconds: 5, at: now, in: tx)
            _ = try reserveTime(of: "b", everySeconds: 5, at: now, in: tx)
            _ = try pruneNoticeTimes(before: now, limit: 5, in: tx)
            _ = try OutboxFigures(in: tx)
            _ = try hasNewEvents(in: tx)
            _ = try readEvents(limit: 5, in: tx)
            try eraseJobs(of: 1, in: tx)
        }
        let statements = record.all
        #expect(statements.count > 12)
        for sql in statements {
            let text = sql.text { "\($0)" }
            for step in try shop.store.queryPlan(of: sql) where step.readsAll(of: text) {
                Issue.record("\(step)\n\(text)")
            }
        }
    }
}

extension String {
    /// Whether this step of the plan of `sql` reads a whole table or sorts it.
    ///
    /// `queues` has at most `JobClaims.queuesMax` rows, `feed_cursors` one for each reader, and
    /// `event_positions` one. With a LIMIT, a statement reads the start of a partial index, and
    /// `counted` has at most `OutboxFigures.countMax` rows.
    fileprivate func readsAll(of sql: String) -> Bool {
        let short = [
            "SCAN CONSTANT ROW", "SCAN queues", "SCAN event_positions",
            "SCAN jobs USING INDEX jobs_failed",
        ]
        let limited = [
            "SCAN counted", "SCAN jobs USING INDEX jobs_leased",
            "SCAN jobs USING INDEX jobs_by_time",
        ]
        let isScan =
            hasPrefix("SCAN ") && !hasPrefix("SCAN feed_cursors") && !short.contains(self)
            && !(limited.contains(self) && sql.contains("LIMIT"))
        return isScan || contains("USE TEMP B-TREE") || contains("AUTOMATIC")
    }
}
