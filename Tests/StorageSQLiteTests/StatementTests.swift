import Storage
import Testing

@testable import StorageSQLite

@Suite struct StatementTests {
    private let rows: SQL = "SELECT id, stock FROM pens ORDER BY id"

    @Test func aReadCannotChangeItsConnection() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        #expect(throws: StoreError.self) {
            try store.read { try $0.run("PRAGMA query_only = OFF") }
        }
    }

    @Test func aMissingTableIsAnErrorOfTheText() throws {
        let folder = try Folder()
        let store = try folder.store()
        let failure = #expect(throws: StoreError.self) {
            try store.read { try $0.run("SELECT id FROM nothing") }
        }
        guard case .engine(_, _, "SELECT id FROM nothing") = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
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
