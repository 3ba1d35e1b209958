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
    ///
    /// An event that a subscriber cannot handle becomes a job (`EventJob`). The batch is divided until
    /// that event is alone.
    /// - Returns: the pause in milliseconds before the next step.
    /// - Throws: `StoreError`.
    func step() throws -> Int64 {
        do {
            return try passOn()
        } catch {
            counts.failedDispatches.add(1, ordering: .relaxed)
            throw error
        }
    }

    private func passOn() throws -> Int64 {
        // A read first, because a write keeps others waiting.
        guard try store.read({ try hasNewEvents(in: $0) }) else { return Self.idleMs }
        var limit = Self.eventsMax
        while true {
            do {
                return try pass(atMost: limit)
            } catch {
                // The feed goes on for other readers if a subscriber fails.
                let numbered = try store.write { try numberEvents(in: $0) }
                counts.numberedEvents.add(numbered, ordering: .relaxed)
                guard !error.mayPass else { throw error }
                if limit == 1 {
                    try passNextAlone()
                    return 0
                }
                limit /= 2
            }
        }
    }

    private func pass(atMost limit: Int64) throws -> Int64 {
        let (now, subscribers) = (clock(), subscribers)
        let (numbered, passed) = try store.write { tx in
            let numbered = try numberEvents(in: tx)
            let events = try readEvents(limit: limit, in: tx)
            if !events.isEmpty {
                for subscriber in subscribers { try subscriber.notify(events, now, tx) }
            }
            return (numbered, Int64(events.count))
        }
        counts.numberedEvents.add(numbered, ordering: .relaxed)
        if numbered >= numberedChangesMax || passed == limit { return 0 }
        return numbered == 0 ? Self.idleMs : Self.gatherMs
    }

    /// Passes on one event, and enqueues jobs for the subscribers that throw an error.
    ///
    /// After an error the transaction is over, so the next one leaves out that subscriber.
    private func passNextAlone() throws {
        var failures: [Int: any Error] = [:]
        while true {
            let failing = Atomic(Self.none)
            let (now, subscribers, others) = (clock(), subscribers, Set(failures.keys))
            do {
                let position = try store.write { tx -> Int64? in
                    failing.store(Self.none, ordering: .relaxed)
                    guard let event = try readEvents(limit: 1, in: tx).first else { return nil }
                    for (number, subscriber) in subscribers.enumerated() {
                        if others.contains(number) {
                            try EventJob(event, for: subscriber).enqueue(number, at: now, in: tx)
                            continue
                        }
                        failing.store(number, ordering: .relaxed)
                        try subscriber.notify([event], now, tx)
                        failing.store(Self.none, ordering: .relaxed)
                    }
                    return event.position
                }
                for (number, error) in failures { note(error, subscribers[number], position) }
                return
            } catch {
                let number = failing.load(ordering: .relaxed)
                guard !error.mayPass, number != Self.none else { throw error }
                failures[number] = error
            }
        }
    }

    /// The number that means no subscriber.
    private static let none = -1

    private func note(_ error: any Error, _ subscriber: EventSubscriber, _ position: Int64?) {
        guard let position else { return }
        counts.postponedEvents.add(1, ordering: .relaxed)
        log.error(
            "cannot pass an event on",
            metadata: [
                "event": "\(position)", "subscriber": "\(subscriber.name)", "error": "\(error)",
            ])
    }
}
