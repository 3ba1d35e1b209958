import Sales
public import Values

extension TestShop {
    /// Cancels the oldest orders whose time to pay is over, as a courier that has just started.
    ///
    /// - Returns: whether there may be more such orders.
    @discardableResult
    public func expireOrders(at now: Instant? = nil) throws -> Bool {
        var begin: ExpiryPosition?
        return try Sales.expireOrders(at: now ?? clock.now, on: store, after: &begin)
    }
}
