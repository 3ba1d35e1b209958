import Storage
import Values

/// The most deliveries that one transaction resumes.
private let resumedMax: Int64 = 200

/// Enqueues deliveries that waited while their webhook was paused, the oldest first.
///
/// It enqueues itself again if there are more.
func resumeDeliveries(to webhook: Int64, at now: Instant, in tx: any Transaction) throws {
    let waiting = try tx.all(
        Delivery.self,
        """
        WHERE webhook_id = \(webhook) AND state = 'pending' AND next_attempt_at IS NULL
        ORDER BY id LIMIT \(resumedMax) \(.alone("webhook_deliveries"))
        """)
    guard let last = waiting.last else { return }
    try tx.run(
        """
        UPDATE webhook_deliveries SET turn = turn + 1, next_attempt_at = \(now)
        WHERE webhook_id = \(webhook) AND state = 'pending' AND next_attempt_at IS NULL
            AND id <= \(last.id)
        """)
    for delivery in waiting {
        var job = delivery.job
        job.turn += 1
        try enqueue(job, at: now, in: tx)
    }
    guard waiting.count == resumedMax else { return }
    try enqueue(ResumeJob(webhook: webhook), at: now, in: tx)
}
