import HTTP
import Outbox
public import Storage
import Values

/// The time of failures without a success after which the event webhook.failing is recorded, in
/// seconds.
private let failingSeconds: Int64 = 24 * 60 * 60

/// Stores an attempt and its effects on the delivery and the webhook.
///
/// It enqueues the job of the next attempt, unless the delivery has ended or another job continues
/// it.
func record(
    _ attempt: DeliveryAttempt, of target: Target, _ schedule: RetrySchedule,
    in tx: any Transaction
) throws {
    let now = attempt.at.adding(milliseconds: attempt.ms)
    let webhook = try tx.first(
        Webhook.self,
        "WHERE id = \(target.webhook) AND deleted_at IS NULL \(.alone("webhooks"))")
    let row = try tx.first(
        """
        SELECT state, turn, failures, attempts FROM webhook_deliveries
        WHERE id = \(target.delivery) \(.alone("webhook_deliveries"))
        """)
    guard let webhook, let row else { return }
    let number: Int64 = try row["attempts"] + 1
    try store(attempt, number: number, of: target, in: tx)
    let isSuccess = attempt.isSuccess
    try note(isSuccess, by: webhook, at: now, in: tx)
    let isCurrent =
        try row["state"] == DeliveryState.pending && row["turn"] == target.turn
    guard isSuccess || isCurrent else {
        try tx.run(
            "UPDATE webhook_deliveries SET attempts = \(number) WHERE id = \(attempt.delivery)")
        return
    }
    let failures: Int64 = try row["failures"] + 1
    let delaySeconds = isSuccess ? nil : schedule.delaySeconds(after: failures)
    let next = delaySeconds.map { now.adding(seconds: $0) }
    let state: DeliveryState = isSuccess ? .delivered : delaySeconds == nil ? .failed : .pending
    try tx.run(
        """
        UPDATE webhook_deliveries SET state = \(state), attempts = \(number),
            failures = \(failures), turn = turn + 1, next_attempt_at = \(next.stored),
            ended_at = \(state == .pending ? Value.null : now.stored)
        WHERE id = \(attempt.delivery)
        """)
    if let delaySeconds {
        try enqueue(
            DeliveryJob(webhook: target.webhook, delivery: target.delivery, turn: target.turn + 1),
            at: now, after: delaySeconds, in: tx)
    }
}

private func store(
    _ attempt: DeliveryAttempt, number: Int64, of target: Target, in tx: any Transaction
) throws {
    var answer = attempt.answer
    if let position = target.event, answer != nil,
        let event = try event(at: position, in: tx), event.customer != nil, event.data == nil
    {
        // The person was erased during the request, and the receiver may have repeated their data.
        answer = nil
    }
    try tx.run(
        """
        INSERT INTO webhook_attempts (delivery_id, number, at, status, ms, error, answer)
        VALUES (\(attempt.delivery), \(number), \(attempt.at), \(attempt.status.stored),
            \(attempt.ms), \(attempt.error.stored), \(answer.stored))
        """)
    try tx.run(
        """
        DELETE FROM webhook_attempts
        WHERE delivery_id = \(attempt.delivery) AND number <= \(number - DeliveryAttempt.keptMax)
        """)
}

/// Stores since when all attempts have failed, and records an event once after a day of failures.
private func note(
    _ isSuccess: Bool, by webhook: Webhook, at now: Instant, in tx: any Transaction
) throws {
    if isSuccess {
        guard webhook.failingSince != nil else { return }
        try tx.run(
            "UPDATE webhooks SET failing_since = NULL, told_at = NULL WHERE id = \(webhook.id)")
        return
    }
    guard let since = webhook.failingSince else {
        try tx.run("UPDATE webhooks SET failing_since = \(now) WHERE id = \(webhook.id)")
        return
    }
    guard since <= now.adding(seconds: -failingSeconds) else { return }
    try noteFailure(of: webhook, at: now, in: tx)
}

/// Records the event webhook.failing for each webhook whose attempts have all failed for a day.
///
/// The courier calls it each minute, because the next attempt may be hours away. A paused webhook has
/// no attempts.
/// - Throws: `StoreError`.
public func noteFailingWebhooks(at now: Instant, in tx: any Transaction) throws {
    let failing = try tx.all(
        Webhook.self,
        """
        WHERE failing_since <= \(now.adding(seconds: -failingSeconds)) AND told_at IS NULL
            AND paused = 0 AND deleted_at IS NULL
        ORDER BY id \(.alone("webhooks"))
        """)
    for webhook in failing { try noteFailure(of: webhook, at: now, in: tx) }
}

/// Records the event once, until an attempt succeeds.
private func noteFailure(of webhook: Webhook, at now: Instant, in tx: any Transaction) throws {
    let isFirst =
        try tx.run(
            "UPDATE webhooks SET told_at = \(now) WHERE id = \(webhook.id) AND told_at IS NULL") > 0
    guard isFirst else { return }
    try publish(
        .webhookFailing, on: webhook.path, webhook, of: nil, by: nil, at: now, in: tx)
}

extension DeliveryAttempt {
    /// Whether the receiver accepted the message.
    var isSuccess: Bool {
        error == nil && status.map { (200..<300).contains($0) } ?? false
    }
}

/// The number of webhooks for which webhook.failing has been recorded and that still fail.
/// - Throws: `StoreError`.
public func failingWebhooks(in tx: any Transaction) throws -> Int64 {
    try tx.first("SELECT COUNT(*) AS count FROM webhooks WHERE told_at IS NOT NULL")?["count"] ?? 0
}
