public import Storage

/// What a slice above this one does, in the same transaction, when all units of a product in an order
/// are refunded or cancelled.
///
/// Sales cannot call the slices above it, so the responder's main passes these in.
public struct ReturnObserver: Sendable {
    let returned: @Sendable (_ product: Int64, _ customer: Int64, any Transaction) throws -> Void

    /// `returned` gets the ids of the product and of the customer.
    public init(
        _ returned: @escaping @Sendable (Int64, Int64, any Transaction) throws -> Void
    ) {
        self.returned = returned
    }
}
