/// How a store opens its connections.
struct Settings: Sendable {
    static let usualCacheKiB = 2048

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
