public import Service
public import Storage
public import Values

/// The time for which a delivery is kept after its end, in seconds: 30 days.
private let keptSeconds: Int64 = 30 * 24 * 60 * 60
/// The most deliveries that one call removes.
private let prunedMax: Int64 = 200

/// Removes deliveries that ended 30 days ago, and those of deleted webhooks.
///
/// - Returns: whether there is more to remove; then call it again.
/// - Throws: `StoreError`.
public func pruneDeliveries(at now: Instant, in tx: any Transaction) throws -> Bool {
    let old = try tx.all(
        """
        SELECT id FROM webhook_deliveries WHERE ended_at < \(now.adding(seconds: -keptSeconds))
        ORDER BY ended_at, id LIMIT \(prunedMax) \(.skipping)
        """
    ) { try $0["id"] as Int64 }
    try removeDeliveries(old, in: tx)
    let deleted = try tx.first(
        """
        SELECT id FROM webhooks WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 1 \(.skipping)
        """)
    guard let webhook: Int64 = try deleted?["id"] else { return old.count == prunedMax }
    let its = try tx.all(
        """
        SELECT id FROM webhook_deliveries WHERE webhook_id = \(webhook)
        ORDER BY id LIMIT \(prunedMax) \(.alone("webhook_deliveries"))
        """
    ) { try $0["id"] as Int64 }
    try removeDeliveries(its, in: tx)
    if its.count < prunedMax { try tx.run("DELETE FROM webhooks WHERE id = \(webhook)") }
    return true
}

private func removeDeliveries(_ ids: [Int64], in tx: any Transaction) throws {
    guard !ids.isEmpty else { return }
    try tx.run("DELETE FROM webhook_attempts WHERE delivery_id IN \(ids.list)")
    try tx.run("DELETE FROM webhook_deliveries WHERE id IN \(ids.list)")
}

/// Encrypts each secret with the current key of the shop.
///
/// A webhook without messages would otherwise lose its secret when a former key expires.
/// - Throws: `StoreError`.
public func resealSecrets(of shop: Shop, at now: Instant, in tx: any Transaction) throws {
    let keys = WebhookKeys(of: shop, at: now)
    let all = try tx.all(
        SealedSecrets.self, "WHERE deleted_at IS NULL ORDER BY id \(.alone("webhooks"))")
    for secrets in all { try secrets.reseal(with: keys, in: tx) }
}
