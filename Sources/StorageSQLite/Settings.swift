/// How a store opens its connections.
struct Settings: Sendable {
    let path: String
    var readOnly = false
    let busyWaitMs: Int64
    let readersMax: Int
    let statementsMax: Int
    /// Where its connections count what they do.
    let counts = StoreCounts()
}
