import CSQLite
import Storage
import Synchronization
import Testing

@testable import StorageSQLite

/// A job does not affect the other jobs of its batch.
@Suite struct GroupCommitTests {
    private struct Refused: Error {}

    /// A job that adds a pen.
    private static let good: @Sendable (any Transaction) throws -> Void = {
        try $0.run("INSERT INTO pens (name) VALUES (NULL)")
    }

    @Test func aFailingJobIsUndoneAlone() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let before = store.statistics
        let outcomes = store.writeTogether([
            GroupCommitTests.good,
            {
                try $0.run("INSERT INTO pens (name) VALUES ('lost')")
                try $0.run("INSERT INTO pens (stock) VALUES (-1)")
            },
            GroupCommitTests.good,
        ])
        #expect(outcomes == [nil, .constraint("stock_not_negative"), nil])
        #expect(try store.pens == 2)
        #expect(store.statistics.commits - before.commits == 2, "the holder's and the batch's")
    }

    /// The other jobs run again only if the failed one has changed something, which a sold-out
    /// product has not.
    @Test(
        arguments: [
            ("UPDATE pens SET stock = 1 WHERE id = 99", 1),
            ("INSERT INTO pens (name) VALUES ('taken')", 1),
            ("INSERT INTO pens (name) VALUES ('lost')", 2),
            ("UPDATE pens SET stock = 1 WHERE name = 'taken' RETURNING id", 2),
            ("CREATE TABLE lost (id BIGINT)", 2),
            (
                "WITH lost AS (SELECT 'lost' AS name) INSERT INTO pens (name) SELECT name FROM lost",
                2
            ),
        ] as [(SQL, Int)])
    func otherJobsRunAgainOnlyIfThereIsSomethingToUndo(sql: SQL, runs: Int) throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        try store.write { try $0.run("INSERT INTO pens (name) VALUES ('taken')") }
        let count = Atomic(0)
        let outcomes = store.writeTogether([
            {
                count.add(1, ordering: .relaxed)
                try GroupCommitTests.good($0)
            },
            { tx in
                // An error thrown while reading rows keeps the change of an earlier row.
                try tx.each(sql) { _ in throw Refused() }
                throw Refused()
            },
            GroupCommitTests.good,
        ])
        #expect(outcomes[0] == nil && outcomes[1] != nil && outcomes[2] == nil)
        #expect(count.load(ordering: .relaxed) == runs)
        #expect(try store.pens == 3)
        #expect(try store.number("SELECT SUM(stock) AS n FROM pens") == 0)
        #expect(
            try store.number("SELECT COUNT(*) AS n FROM sqlite_schema WHERE name = 'lost'") == 0)
    }

    @Test func aForeignKeyCheckedAtTheEndFailsItsOwnJob() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        try store.write { tx in
            try tx.run(
                """
                CREATE TABLE caps (pen BIGINT REFERENCES pens (id) DEFERRABLE INITIALLY DEFERRED)
                """)
        }
        let before = store.statistics
        let outcomes = store.writeTogether([
            GroupCommitTests.good,
            { try $0.run("INSERT INTO caps VALUES (99)") },
            {
                try $0.run("INSERT INTO caps VALUES (7)")
                try $0.run("INSERT INTO pens (id) VALUES (7)")
            },
        ])
        #expect(outcomes == [nil, .constraint("foreign_key"), nil])
        #expect(store.statistics.commits - before.commits == 2)
        #expect(throws: StoreError.constraint("foreign_key")) {
            try store.write(.rollback) { try $0.run("INSERT INTO caps VALUES (99)") }
        }
        #expect(try store.number("SELECT count(*) AS n FROM caps") == 1)
    }

    @Test func aJobThatLosesTheTransactionFailsAlone() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let fillTheDisk: @Sendable (any Transaction) throws -> Void = { tx in
            // The database is full, so SQLite rolls back the whole transaction.
            _ = try tx.first("PRAGMA max_page_count = 1")
            defer { _ = try? tx.first("PRAGMA max_page_count = 1000000") }
            let long = String(repeating: "long", count: 10_000)
            try tx.run("INSERT INTO pens (name) VALUES (\(long))")
        }
        let outcomes = store.writeTogether([
            GroupCommitTests.good, fillTheDisk, GroupCommitTests.good,
            { tx in
                // The body catches the error and continues in a transaction that no longer exists.
                try? fillTheDisk(tx)
                try tx.run("INSERT INTO pens (name) VALUES ('lost')")
            },
        ])
        #expect(outcomes[0] == nil)
        #expect(outcomes[2] == nil)
        guard case .unavailable = outcomes[1], case .engine = outcomes[3] else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(try store.pens == 2)
    }

    @Test func aFailedCommitFailsAllJobs() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let outcomes = store.writeTogether([
            GroupCommitTests.good,
            { tx in
                // From here on the COMMIT of the whole batch fails, like on a broken disk.
                let connection = try #require(tx as? Connection)
                sqlite3_commit_hook(connection.handle.database, { _ in 1 }, nil)
            },
            { _ in throw Refused() },
        ])
        for outcome in outcomes {
            guard case .engine = outcome else {
                Issue.record("\(outcomes)")
                return
            }
        }
        #expect(try store.pens == 0)
    }
}
