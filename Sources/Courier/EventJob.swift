import HTTP
import Outbox
import Service
import Storage
import Values

/// The job that passes an event to a subscriber that could not handle it.
struct EventJob: JSONWritable, Input {
    /// The kind of these jobs.
    static let kind = "event"

    let subscriber: String
    let position: Int64

    init(_ event: Event, for subscriber: EventSubscriber) {
        self.subscriber = subscriber.name
        position = event.position
    }

    init(_ fields: inout Fields) {
        subscriber = fields.required("subscriber", .stored)
        position = fields.required("position", .id)
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("subscriber", subscriber)
            $0.field("position", position)
        }
    }

    /// Adds the job; `number` is that of the subscriber, whose jobs are done one after the other.
    func enqueue(_ number: Int, at now: Instant, in tx: any Transaction) throws {
        try Outbox.enqueue(
            Self.kind, in: JobQueue("event", Int64(number)), self, of: nil, at: now, in: tx)
    }
}

extension JobHandler {
    /// The handler of events that a subscriber could not handle.
    ///
    /// An event that has been deleted meanwhile is done.
    static func events(
        for subscribers: [EventSubscriber], clock: @escaping @Sendable () -> Instant
    ) -> JobHandler {
        JobHandler(kind: EventJob.kind, retrySeconds: ownRetrySeconds) { job in
            let work = try jobPayload(job.payload, as: EventJob.self)
            guard let subscriber = subscribers.first(where: { $0.name == work.subscriber }) else {
                return .retry(error: "This version of the courier has no such subscriber.")
            }
            return .done { _, tx in
                guard let event = try event(at: work.position, in: tx) else { return }
                try subscriber.notify([event], clock(), tx)
            }
        }
    }
}
