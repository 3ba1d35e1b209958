import Glibc
import Storage
import StorageSQLite
import Testing

/// Reads with a time limit.
@Suite struct LimitedReadTests {
    private static let endless: SQL = """
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)
        SELECT COUNT(*) AS n FROM numbers
        """

    @Test func stopsAtItsLimit() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        try store.read { tx in
            #expect(throws: StoreError.timeout) {
                try tx.within(milliseconds: 20) { try tx.run(LimitedReadTests.endless) }
            }
            // The transaction continues without a limit.
            let count: Int64? = try tx.first(
                """
                WITH RECURSIVE numbers (n) AS (
                    SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000
                )
                SELECT COUNT(*) AS n FROM numbers
                """)?["n"]
            #expect(count == 100_000)
        }
        #expect(store.statistics.timeouts == 1)
        #expect(store.statistics.limitedSteps > 1000)
    }

    @Test func countsProcessorTimeAndNotWaiting() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let count: Int64? = try store.read { tx in
            try tx.within(milliseconds: 50) {
                usleep(100_000)
                return try tx.first(
                    """
                    WITH RECURSIVE numbers (n) AS (
                        SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000
                    )
                    SELECT COUNT(*) AS n FROM numbers
                    """)?["n"]
            }
        }
        #expect(count == 10_000)
        #expect(store.statistics.timeouts == 0)
    }

    @Test func throwsTheErrorOfItsBody() throws {
        struct Fault: Error {}
        let folder = try Folder()
        let store = try folder.storeOfPens()
        #expect(throws: Fault.self) {
            try store.read { try $0.within(milliseconds: 1000) { throw Fault() } }
        }
        #expect(try store.read { try $0.within(milliseconds: 1000) { 7 } } == 7)
        #expect(store.statistics.timeouts == 0)
    }

    @Test func limitsConcurrentReads() throws {
        let folder = try Folder()
        _ = try folder.storeOfPens()
        let store = try SQLiteStore(path: folder.database, limitedReadsMax: 1)
        try store.read { tx in
            try tx.within(milliseconds: 1000) { () throws -> Void in
                #expect(throws: StoreError.busy) {
                    try store.read { try $0.within(milliseconds: 1000) {} }
                }
                // Other reads have threads of their own.
                #expect(try store.pens == 0)
            }
        }
        #expect(try store.read { try $0.within(milliseconds: 1000) { 7 } } == 7)
    }
}
