/// What a store has written since it was opened, in this process.
public struct StoreStatistics: Sendable, Equatable {
    /// COMMITs made: at most one fsync each, whatever it held.
    public let commits: Int
    /// Calls of `write` that were answered, those that failed and dry runs too.
    public let writes: Int
}
