public import Storage
public import Values

/// Ends the holds of overdue orders, so that a write that failed because of them can run again.
///
/// The courier ends them too, some seconds later.
public struct Reclaim: Sendable {
    /// The codes of the problems that it may solve.
    let codes: Set<String>
    let run: @Sendable (any Store, Instant) throws -> Bool

    /// Creates it from the codes of problems and a function that ends holds.
    ///
    /// The function gets the time of the request, and returns whether it found overdue orders.
    public init(
        for codes: Set<String>, _ run: @escaping @Sendable (any Store, Instant) throws -> Bool
    ) {
        self.codes = codes
        self.run = run
    }
}
