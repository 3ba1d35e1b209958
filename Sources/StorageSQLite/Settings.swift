/// How a store opens its connections.
struct Settings: Sendable {
    static let usualCacheKiB = 4096

    let path: String
    var readOnly = false
    /// Of each connection.
    var cacheKiB = usualCacheKiB
    let busyWaitMs: Int64
    let readersMax: Int
    let statementsMax: Int
    /// Where its connections count what they do.
    let counts = StoreCounts()
}
