public import Storage
public import Values

/// The actions on the order of a payment, such as to settle it when its money has come.
///
/// Payments cannot call the slices that import it, so the code that books messages passes this in.
public struct PaymentObserver: Sendable {
    /// Locks the order, before its payment and its wallet are locked.
    let lock: @Sendable (_ order: Int64, any Transaction) throws -> Void
    /// Lets the order hold its units until `end` at least; false if it no longer waits for money.
    let prolong:
        @Sendable (_ order: Int64, _ end: Instant, _ now: Instant, any Transaction) throws -> Bool
    /// Money of the payment is in the buyer's wallet: it came, or its refund came back.
    let credited: @Sendable (_ order: Int64, _ now: Instant, any Transaction) throws -> Void

    /// Creates an observer; all actions get the id of the order.
    public init(
        lock: @escaping @Sendable (Int64, any Transaction) throws -> Void,
        prolong: @escaping @Sendable (Int64, Instant, Instant, any Transaction) throws -> Bool,
        credited: @escaping @Sendable (Int64, Instant, any Transaction) throws -> Void
    ) {
        self.lock = lock
        self.prolong = prolong
        self.credited = credited
    }
}
