import Logging
import Outbox
import Storage
import Synchronization
import Values

/// Gives positions to new events, and passes them to the subscribers, which enqueue jobs.
struct Dispatcher: Sendable {
    /// The most events that one transaction passes on.
    private static let eventsMax: Int64 = 500
    /// The pause in milliseconds if there are no events.
    private static let idleMs: Int64 = 200
    /// The pause in milliseconds after the newest event, so that a busy shop has fewer and larger
    /// transactions.
    private static let gatherMs: Int64 = 50

    let store: any Store
    let subscribers: [EventSubscriber]
    let counts: CourierCounts
    let log: Logger
    let clock: @Sendable () -> Instant

    /// Passes on at most `eventsMax` events.
    /// - Returns: the pause in milliseconds before the next step.
    /// - Throws: `StoreError`.
    func step() throws -> Int64 {
        // A read first, because a write keeps others waiting.
        guard try store.read({ try hasNewEvents(in: $0) }) else { return Self.idleMs }
        let (now, subscribers) = (clock(), subscribers)
        do {
            let (numbered, passed) = try store.write { tx in
                let numbered = try numberEvents(in: tx)
                let events = try readEvents(limit: Self.eventsMax, in: tx)
                if !events.isEmpty {
                    for subscriber in subscribers { try subscriber.notify(events, now, tx) }
                }
                return (numbered, events.count)
            }
            counts.numberedEvents.add(numbered, ordering: .relaxed)
            if numbered >= numberedChangesMax || passed == Self.eventsMax { return 0 }
            return numbered == 0 ? Self.idleMs : Self.gatherMs
        } catch {
            // The feed goes on for other readers if a subscriber fails.
            let numbered = try store.write { try numberEvents(in: $0) }
            counts.numberedEvents.add(numbered, ordering: .relaxed)
            throw error
        }
    }
}
