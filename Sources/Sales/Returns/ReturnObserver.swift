public import Storage

/// An action of a slice above this one when all units of a product in an order are returned.
///
/// It runs in the transaction of the refund or cancellation. Sales cannot call the slices above it,
/// so the `main` of the responder passes these values in.
public struct ReturnObserver: Sendable {
    let returned: @Sendable (_ product: Int64, _ customer: Int64, any Transaction) throws -> Void

    /// Creates an observer; `returned` gets the ids of the product and of the customer.
    public init(
        _ returned: @escaping @Sendable (Int64, Int64, any Transaction) throws -> Void
    ) {
        self.returned = returned
    }
}
