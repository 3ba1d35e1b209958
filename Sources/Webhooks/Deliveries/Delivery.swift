import HTTP
import Outbox
import Service
import Storage
import Values

/// The status of a delivery.
enum DeliveryState: String, Sendable, CaseIterable, Storable, JSONWritable {
    /// An attempt is due, or waits until the webhook is resumed.
    case pending
    /// The receiver answered with 2xx.
    case delivered
    /// All attempts have failed.
    case failed
}

/// A message to one webhook.
struct Delivery: Sendable {
    let id: Int64
    let webhook: Int64
    /// The event in the feed; nil for a test.
    let event: Int64?
    let type: EventType
    var state: DeliveryState
    /// The number of the job that sends next.
    var turn: Int64
    /// Nil while the webhook is paused, and after the end.
    var nextAttemptAt: Instant?
    let createdAt: Instant
    /// The last attempts, the oldest first.
    var attempts: [DeliveryAttempt] = []

    /// The `webhook-id` of the message, the same in each attempt.
    var messageID: String { event.map { "\($0)" } ?? "test_\(id)" }
}

extension Delivery: Record {
    static let columns: SQL = """
        id, webhook_id, event_position, type, state, turn, next_attempt_at, created_at
        """
    static let source: SQL = "webhook_deliveries"

    init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        webhook = try row["webhook_id"]
        event = try row["event_position"]
        type = try row["type"]
        state = try row["state"]
        turn = try row["turn"]
        nextAttemptAt = try row["next_attempt_at"]
        createdAt = try row["created_at"]
    }
}

extension Delivery: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("webhook_id", webhook)
            $0.field(
                "event",
                object: {
                    $0.field("id", messageID)
                    $0.field("type", type)
                })
            $0.field("state", state)
            $0.field("attempts", attempts)
            $0.field("next_attempt_at", nextAttemptAt)
            $0.field("created_at", createdAt)
        }
    }
}

/// One request to the receiver.
struct DeliveryAttempt: Sendable {
    /// The most attempts of a delivery that are kept.
    static let keptMax: Int64 = 20
    /// The number of bytes of a response body that are kept.
    static let answerBytesMax = 1024

    let delivery: Int64
    let at: Instant
    /// The status code; nil if there was no complete response.
    let status: Int64?
    /// The duration in milliseconds.
    let ms: Int64
    /// Why there was no response, such as `timeout`.
    let error: String?
    /// The beginning of the response body.
    let answer: String?
}

extension DeliveryAttempt: Record {
    static let columns: SQL = "delivery_id, at, status, ms, error, answer"
    static let source: SQL = "webhook_attempts"

    init(_ row: Row, _ context: Void) throws {
        delivery = try row["delivery_id"]
        at = try row["at"]
        status = try row["status"]
        ms = try row["ms"]
        error = try row["error"]
        answer = try row["answer"]
    }
}

extension DeliveryAttempt: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("at", at)
            $0.field("status", status)
            $0.field("ms", ms)
            $0.field("error", error)
            $0.field("answer", answer)
        }
    }
}

extension [Delivery] {
    /// The same deliveries with their attempts.
    func withAttempts(in tx: any Transaction) throws -> [Delivery] {
        let found = try tx.all(
            DeliveryAttempt.self,
            "WHERE delivery_id IN \(map(\.id).list) ORDER BY delivery_id, number")
        let attempts = Dictionary(grouping: found, by: \.delivery)
        return map {
            var delivery = $0
            delivery.attempts = attempts[$0.id] ?? []
            return delivery
        }
    }
}
