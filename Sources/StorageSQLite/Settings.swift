/// How a store opens its connections.
struct Settings: Sendable {
    let path: String
    let busyWaitMs: Int64
    let readersMax: Int
    let statementsMax: Int
}
