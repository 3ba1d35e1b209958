public import Storage
public import Values

/// Frees what holds occupy beyond their time, for a write that fails for want of it.
///
/// The courier frees it too, some seconds later.
public struct Reclaim: Sendable {
    /// The codes of the problems that it may solve.
    let codes: Set<String>
    let run: @Sendable (any Store, Instant) throws -> Bool

    /// Creates it from the codes of problems and a function that returns whether it found holds
    /// that are over at the given time.
    public init(
        for codes: Set<String>, _ run: @escaping @Sendable (any Store, Instant) throws -> Bool
    ) {
        self.codes = codes
        self.run = run
    }
}
