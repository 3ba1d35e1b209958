import Glibc
import PostgresFixture
import Storage
import Synchronization
import Testing
import Threads

@testable import StoragePostgres

@Suite struct PostgresRetryTests {
    /// Two writers that lock two rows in opposite order.
    @Test func aDeadlockIsRetried() throws {
        let pens = try PostgresPens()
        let store = pens.store
        try store.write { try $0.run("INSERT INTO pens (id) VALUES (1), (2)") }
        let rounds = 5
        for _ in 0..<rounds {
            let holding = Atomic(0)
            onThreads(2) { number in
                let ids: [Int64] = number == 0 ? [1, 2] : [2, 1]
                do {
                    try store.write { tx in
                        try tx.run("UPDATE pens SET stock = stock + 1 WHERE id = \(ids[0])")
                        holding.add(1, ordering: .sequentiallyConsistent)
                        while holding.load(ordering: .sequentiallyConsistent) < 2 { usleep(100) }
                        try tx.run("UPDATE pens SET stock = stock + 1 WHERE id = \(ids[1])")
                    }
                } catch {
                    Issue.record(error)
                }
            }
        }
        #expect(try store.number("SELECT SUM(stock) AS n FROM pens") == Int64(4 * rounds))
        #expect(store.value(of: "souk_postgres_retries_total") >= rounds)
    }

    /// Two writers that each read what the other changes: only serializable writes notice.
    @Test(arguments: [WriteIsolation.readCommitted, .serializable])
    func serializableWritesFindMissingLocks(isolation: WriteIsolation) throws {
        let pens = try PostgresPens()
        try pens.store.write { try $0.run("INSERT INTO pens (id, stock) VALUES (1, 1), (2, 1)") }
        var settings = pens.store.settings
        settings.isolation = isolation
        let pool = try ConnectionPool(settings)
        let deadlineMs = settings.deadline()
        let holding = Atomic(0)
        onThreads(2) { number in
            let id: Int64 = number == 0 ? 1 : 2
            let retry = WriteRetry(pool: pool, end: .commit, deadlineMs: deadlineMs)
            do {
                try retry.run { tx in
                    let left: Int64? = try tx.first("SELECT SUM(stock) AS n FROM pens")?["n"]
                    holding.add(1, ordering: .sequentiallyConsistent)
                    while holding.load(ordering: .sequentiallyConsistent) < 2 { usleep(100) }
                    // One pen must stay.
                    guard left ?? 0 > 1 else { return }
                    try tx.run("UPDATE pens SET stock = 0 WHERE id = \(id)")
                }
            } catch {
                Issue.record(error)
            }
        }
        let left = try pens.store.number("SELECT SUM(stock) AS n FROM pens")
        #expect(left == (isolation == .serializable ? 1 : 0))
    }

    /// Two calls with the same key: the slower one finds the answer of the faster one.
    @Test func aKeyThatAnotherCallHasStoredIsFound() throws {
        let pens = try PostgresPens()
        let store = pens.store
        try store.write {
            try $0.run(
                """
                CREATE TABLE idempotency_keys (
                    caller_id \(.int64) NOT NULL, key TEXT NOT NULL, UNIQUE (caller_id, key))
                """)
        }
        let looking = Atomic(0)
        let found = Atomic(0)
        onThreads(2) { _ in
            do {
                try store.write { tx in
                    let row = try tx.first("SELECT key FROM idempotency_keys WHERE caller_id = 7")
                    looking.add(1, ordering: .sequentiallyConsistent)
                    while looking.load(ordering: .sequentiallyConsistent) < 2 { usleep(100) }
                    guard row == nil else {
                        found.add(1, ordering: .relaxed)
                        return
                    }
                    try tx.later("INSERT INTO idempotency_keys VALUES (7, 'k')")
                }
            } catch {
                Issue.record(error)
            }
        }
        #expect(found.load(ordering: .relaxed) == 1)
    }

    /// A row that another writer has deleted in the meantime: the body runs once more.
    @Test func aBrokenReferenceIsRetriedOnce() throws {
        let pens = try PostgresPens()
        let store = pens.store
        try store.write {
            try $0.run("CREATE TABLE caps (pen_id \(.int64) REFERENCES pens (id))")
        }
        let runs = Atomic(0)
        #expect(throws: StoreError.constraint("foreign_key")) {
            try store.write { tx in
                runs.add(1, ordering: .relaxed)
                try tx.run("INSERT INTO caps VALUES (1)")
            }
        }
        #expect(runs.load(ordering: .relaxed) == 2)
    }

    @Test func migrationsRunOneAfterAnother() throws {
        let pens = try PostgresPens()
        let store = pens.store
        let inside = Atomic(0)
        onThreads(4) { _ in
            do {
                try store.write { tx in
                    try tx.lockSchema()
                    #expect(inside.add(1, ordering: .sequentiallyConsistent).newValue == 1)
                    usleep(20_000)
                    try tx.run("CREATE TABLE IF NOT EXISTS caps (id \(.identity))")
                    inside.subtract(1, ordering: .sequentiallyConsistent)
                }
            } catch {
                Issue.record(error)
            }
        }
        #expect(try store.tables() == ["caps", "pens"])
    }

    /// Each of two writers holds a lock of its own until the other one is there.
    @Test func locksWithOtherNamesDoNotWait() throws {
        let pens = try PostgresPens()
        let store = pens.store
        let inside = Atomic(0)
        onThreads(2) { number in
            do {
                try store.write { tx in
                    try tx.lock("lock \(number)")
                    try tx.run("SELECT 1 AS one")
                    inside.add(1, ordering: .sequentiallyConsistent)
                    for _ in 0..<5000 where inside.load(ordering: .sequentiallyConsistent) < 2 {
                        usleep(1000)
                    }
                    #expect(inside.load(ordering: .sequentiallyConsistent) == 2)
                }
            } catch {
                Issue.record(error)
            }
        }
    }

    @Test func aReadStopsAtItsLimit() throws {
        let pens = try PostgresPens(limitedReadsMax: 1)
        let store = pens.store
        #expect(throws: StoreError.timeout) {
            try store.read { tx in
                try tx.within(milliseconds: 50) {
                    try tx.run("SELECT COUNT(*) AS n FROM generate_series(1, 1000000000)")
                }
            }
        }
        #expect(store.value(of: "souk_read_timeouts_total") == 1)
        try store.read { tx in
            let count: Int64? = try tx.within(milliseconds: 1000) {
                #expect(throws: StoreError.busy) {
                    try store.read { try $0.within(milliseconds: 1000) {} }
                }
                return try tx.first("SELECT COUNT(*) AS n FROM pens")?["n"]
            }
            #expect(count == 0)
            // The limit ends with its body.
            let limit: String? = try tx.first(
                "SELECT current_setting('statement_timeout') AS value")?["value"]
            #expect(limit == "0")
        }
    }
}
