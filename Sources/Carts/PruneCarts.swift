public import Storage
public import Values

/// Deletes carts that have expired.
///
/// The order of a cart that was checked out stays.
/// - Returns: whether there may be more.
/// - Throws: `StoreError`.
public func pruneCarts(at now: Instant, atMost limit: Int64 = 100, in tx: any Transaction) throws
    -> Bool
{
    let ids: [Int64] = try tx.all(
        """
        SELECT id FROM carts WHERE expires_at <= \(now) ORDER BY expires_at, id LIMIT \(limit)
        \(.skipping)
        """
    ) { try $0["id"] }
    guard !ids.isEmpty else { return false }
    try tx.run("DELETE FROM cart_items WHERE cart_id IN \(ids.list)")
    try tx.run("DELETE FROM carts WHERE id IN \(ids.list)")
    return ids.count == limit
}
