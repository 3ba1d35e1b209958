import CSQLite
import Storage
import Testing

@testable import StorageSQLite

struct ErrorTests {
    /// The resource may be available again soon, so the client is asked to retry.
    @Test(arguments: [
        SQLITE_NOMEM, SQLITE_IOERR | 12 << 8, SQLITE_FULL, SQLITE_READONLY, SQLITE_CANTOPEN,
    ])
    func missingResourcesAreUnavailable(code: Int32) {
        let error = StoreError(code, on: nil, sql: "COMMIT")
        guard case .unavailable = error else {
            Issue.record("\(error)")
            return
        }
    }
}
