import CSQLite
import Storage
import Testing

@testable import StorageSQLite

struct ErrorTests {
    /// It may be there again in a moment, so whoever asked is told to come back.
    @Test(arguments: [
        SQLITE_NOMEM, SQLITE_IOERR | 12 << 8, SQLITE_FULL, SQLITE_READONLY, SQLITE_CANTOPEN,
    ])
    func whatTheMachineLacksIsNoFaultOfOurs(code: Int32) {
        let error = StoreError(code, on: nil, sql: "COMMIT")
        guard case .unavailable = error else {
            Issue.record("\(error)")
            return
        }
    }
}
