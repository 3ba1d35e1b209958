public import Storage
public import Values

/// Work that repeats, such as deleting old rows.
public struct PeriodicTask: Sendable {
    /// The pause in seconds after a step that left nothing to do.
    public let pauseSeconds: Int64
    /// The name for the log: `prune events`.
    public let name: String
    /// Does one batch, in transactions so short that orders do not wait long for them.
    /// - Returns: whether there is more to do at once.
    /// - Throws: `SkippedRows` if all was done except for some rows.
    public let step: @Sendable (_ now: Instant, _ store: any Store) throws -> Bool

    /// A step skipped some rows, which the next steps try again.
    public struct SkippedRows: Error {
        /// Why one of the rows was skipped.
        public let reason: any Error

        /// Creates the error.
        public init(_ reason: any Error) { self.reason = reason }
    }

    /// Creates a task.
    public init(
        _ name: String, everySeconds pauseSeconds: Int64,
        step: @escaping @Sendable (_ now: Instant, _ store: any Store) throws -> Bool
    ) {
        self.name = name
        self.pauseSeconds = pauseSeconds
        self.step = step
    }
}
