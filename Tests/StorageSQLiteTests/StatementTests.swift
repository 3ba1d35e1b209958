import Storage
import Testing

@testable import StorageSQLite

@Suite struct StatementTests {
    private let rows: SQL = "SELECT id, stock FROM pens ORDER BY id"
    private struct Enough: Error {}

    private func tenPens(_ folder: Folder) throws -> SQLiteStore {
        let store = try folder.storeOfPens()
        try store.write { tx in
            for id in 1...10 as ClosedRange<Int64> {
                try tx.run("INSERT INTO pens (id) VALUES (\(id))")
            }
        }
        return store
    }

    @Test func theSameTextInsideItsOwnVisit() throws {
        let folder = try Folder()
        let store = try tenPens(folder)
        let pairs = try store.read { tx in
            try tx.all(rows) { _ in try tx.all(rows) { try $0["id"] as Int64 }.count }
        }
        #expect(pairs == Array(repeating: 10, count: 10))
    }

    @Test func aVisitMayStopEarlyOrThrow() throws {
        let folder = try Folder()
        let store = try tenPens(folder)
        try store.read { tx throws in
            for _ in 1...3 {
                #expect(try tx.first(rows)?["id"] == Int64(1))
                #expect(throws: Enough.self) { try tx.each(rows) { _ in throw Enough() } }
                #expect(try tx.all(rows) { try $0["id"] as Int64 } == Array(1...10))
            }
        }
        let update: SQL = "UPDATE pens SET stock = stock + 1 RETURNING id"
        try store.write { tx throws in
            _ = try tx.first(update)
            #expect(throws: Enough.self) { try tx.each(update) { _ in throw Enough() } }
        }
        #expect(try store.number("SELECT sum(stock) AS n FROM pens") == 20)
    }

    @Test func countsWhatItChanged() throws {
        let folder = try Folder()
        let store = try tenPens(folder)
        try store.write { tx throws in
            #expect(try tx.run("UPDATE pens SET stock = 5 WHERE id <= 3") == 3)
            #expect(try tx.run("UPDATE pens SET stock = 5 WHERE id > 10") == 0)
            #expect(try tx.run(rows) == 0)
            #expect(try tx.run("CREATE TABLE other (id \(.identity))") == 0)
            #expect(try tx.each("DELETE FROM pens WHERE id > 6 RETURNING id") { _ in false } == 4)
        }
    }

    @Test(arguments: [.alone("pens"), .held("pens"), .skipping] as [SQL.Dialect])
    func marksForLocksAreNothingHere(mark: SQL.Dialect) throws {
        let folder = try Folder()
        let store = try tenPens(folder)
        let read: @Sendable (any Transaction) throws -> Int = { tx in
            try tx.all("SELECT id FROM pens LIMIT 3 \(mark)") { try $0["id"] as Int64 }.count
        }
        #expect(try store.read(read) == 3)
        #expect(try store.write(read) == 3)
    }

    @Test(arguments: ["", "SELECT 1; SELECT 2", "SELEC 1", "SELECT id FROM nothing"] as [SQL])
    func textThatIsNotOneStatementIsRejected(sql: SQL) throws {
        let folder = try Folder()
        let store = try folder.store()
        let failure = #expect(throws: StoreError.self) { try store.read { try $0.run(sql) } }
        guard case .engine(_, _, sql.template) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test(arguments: ["COMMIT", "ROLLBACK", "SAVEPOINT a", "RELEASE job", "BEGIN"] as [SQL])
    func aBodyCannotEndItsTransaction(sql: SQL) throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        #expect(throws: StoreError.self) {
            try store.write { tx in
                try tx.run("INSERT INTO pens (name) VALUES ('a')")
                try tx.run(sql)
            }
        }
        #expect(try store.pens == 0)
    }

    @Test func aConnectionCachesABoundedNumber() throws {
        let folder = try Folder()
        let settings = StoreSettings(
            path: folder.database, workload: .requests, busyWaitMs: 100, readersMax: 1,
            statementsMax: 5)
        let connection = try Connection(settings, role: .reader, create: true)
        try connection.control.begin.run()
        for piece in [rows] + (1...20).map({ (n: Int) in SQL.nested(n) }) {
            _ = try? connection.each(piece) { _ in true }
            #expect(connection.statements.count <= 5)
        }
        #expect(connection.statements.count == 5)
    }
}

extension SQL {
    /// A different text for each depth.
    fileprivate static func nested(_ depth: Int) -> SQL {
        depth == 0 ? "SELECT 1 AS n" : "SELECT n FROM (\(nested(depth - 1)))"
    }
}
