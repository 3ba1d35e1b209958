public import Storage

/// The invariants of webhooks.
public let invariants: [Invariant] = [
    Invariant("A webhook is found by its types unless it is paused or deleted.") { tx in
        let found = Dictionary(
            grouping: try tx.all("SELECT webhook_id, pattern FROM webhook_patterns") {
                (webhook: try $0["webhook_id"] as Int64, pattern: try $0["pattern"] as String)
            }, by: \.webhook)
        let webhooks = try tx.all("SELECT id, types, paused, deleted_at FROM webhooks") { row in
            let types: String = try row["types"]
            let deletedAt: Int64? = try row["deleted_at"]
            let isActive = try !(row["paused"] as Bool) && deletedAt == nil
            return (
                id: try row["id"] as Int64,
                patterns: isActive ? Set(types.split(separator: " ").map(String.init)) : []
            )
        }
        let wrong = webhooks.filter { Set((found[$0.id] ?? []).map(\.pattern)) != $0.patterns }
        return wrong.prefix(Invariant.breachesMax).map { "webhook \($0.id)" }
    },
    Invariant(
        "A delivery's number of attempts is that of its last attempt.",
        breaches: """
            SELECT 'delivery ' || id AS subject FROM webhook_deliveries
            WHERE attempts <> COALESCE(
                (SELECT MAX(number) FROM webhook_attempts
                WHERE delivery_id = webhook_deliveries.id), 0)
            """),
]
