import Courier
import HTTP
import Outbox
import Storage
import Synchronization
import TestShop
import Testing
import Values

/// Events on their way to the subscribers, and their deletion.
@Suite struct DispatcherTests {
    private func add(_ count: Int, to shop: TestShop, at time: Instant = .now()) throws {
        try shop.store.write { tx in
            for number in 0..<count {
                try publish(
                    .orderPaid, on: "/sales/\(number)", ["a"], of: nil, by: nil, at: time, in: tx)
            }
        }
    }

    private func events(of shop: TestShop) throws -> [Event] {
        try shop.store.read { try Outbox.events(after: 0, limit: 10_000, in: $0) }
    }

    /// Two couriers pass each event on once and in order, also more than one transaction reads.
    @Test func eachEventIsPassedOnOnce() throws {
        let shop = try TestShop()
        let subscriber = EventSubscriber("test") { events, now, tx in
            for event in events {
                try enqueue(
                    "test", in: JobQueue("webhook", 1), [event.subject], of: nil, at: now,
                    after: 3600, in: tx)
            }
        }
        try add(1200, to: shop)
        let other = try TestShop(beside: shop)
        // The events of the shop's own products are as old as its clock, so the pruner would delete
        // them.
        let days = 36_500
        let couriers = try [
            CourierFixture(eventsDays: days, on: shop, subscribers: [subscriber]),
            CourierFixture(eventsDays: days, on: other, subscribers: [subscriber]),
        ]
        for _ in 0..<20 { try add(5, to: shop) }
        try eventually {
            let count: Int64 = try shop.value("SELECT COUNT(*) AS value FROM jobs")
            return count == 1302
        }
        let subjects = try events(of: shop).map { #"["\#($0.subject)"]"# }
        let jobs = try shop.store.read { try Outbox.jobs(after: 0, limit: 2000, in: $0) }
        #expect(jobs.map(\.payload) == subjects)
        #expect(couriers[0].metric("souk_events_unread") == "0")
        #expect(couriers[0].metric("souk_events_unnumbered") == "0")
    }

    /// Two events that one subscriber cannot handle stop neither the others nor another subscriber.
    @Test func anEventThatCannotBeHandledBecomesAJob() throws {
        struct Fault: Error {}
        let shop = try TestShop()
        let isBroken = Atomic(true)
        let bad = EventSubscriber("bad") { events, now, tx in
            for event in events {
                if isBroken.load(ordering: .relaxed) {
                    if event.subject == "/sales/3" { throw Fault() }
                    // The transaction is over after this.
                    if event.subject == "/sales/600" { try tx.run("UPDATE no_table SET a = 1") }
                }
                try self.note(event, 1, at: now, in: tx)
            }
        }
        let good = EventSubscriber("good") { events, now, tx in
            for event in events { try self.note(event, 2, at: now, in: tx) }
        }
        try add(700, to: shop)
        let fixture = try CourierFixture(
            eventsDays: 36_500, on: shop, subscribers: [bad, good])
        try eventually { try noted(1, in: shop) == 700 && noted(2, in: shop) == 702 }
        #expect(fixture.metric("souk_events_postponed_total") == "2")
        #expect(fixture.metric("souk_events_unread") == "0")
        #expect(fixture.metric("souk_events_unread_age_seconds") == "0.0")
        func postponed() throws -> [String] {
            try shop.store.read { tx in
                try tx.all("SELECT payload FROM jobs WHERE kind = 'event' ORDER BY id") {
                    try $0["payload"]
                }
            }
        }
        #expect(
            try postponed() == [6, 603].map { #"{"subscriber":"bad","position":\#($0)}"# })
        isBroken.store(false, ordering: .relaxed)
        try eventually { try noted(1, in: shop) == 702 }
        try eventually { try postponed() == [] }
        #expect(try noted(2, in: shop) == 702)
    }

    /// Leaves a job that nobody attempts.
    private func note(
        _ event: Event, _ number: Int64, at now: Instant, in tx: any Transaction
    ) throws {
        try enqueue(
            "test", in: JobQueue("webhook", number), [event.subject], of: nil, at: now,
            after: 3600, in: tx)
    }

    private func noted(_ number: Int, in shop: TestShop) throws -> Int64 {
        try shop.value(
            "SELECT COUNT(*) AS value FROM jobs WHERE queue = \("webhook:\(number)")")
    }

    /// The courier waits for a database that is busy, and says so.
    @Test func aBusyDatabaseKeepsTheEvents() throws {
        let shop = try TestShop()
        let isBusy = Atomic(true)
        let passed = Mutex<Set<Int64>>([])
        let subscriber = EventSubscriber("test") { events, _, _ in
            if isBusy.load(ordering: .relaxed) { throw StoreError.busy }
            passed.withLock { $0.formUnion(events.map(\.position)) }
        }
        let fixture = try CourierFixture(on: shop, subscribers: [subscriber])
        try eventually {
            fixture.metric("souk_events_dispatch_failures_total").map { $0 > "1" } == true
        }
        #expect(passed.withLock { $0.isEmpty } && fixture.metric("souk_events_unread") == "2")
        #expect(fixture.metric("souk_events_postponed_total") == "0")
        isBusy.store(false, ordering: .relaxed)
        try eventually { passed.withLock { $0 } == [1, 2] }
    }

    /// The feed goes on without the subscriber; nothing is lost after its repair.
    @Test func aFailingSubscriberDoesNotStopTheFeed() throws {
        struct Fault: Error {}
        let shop = try TestShop()
        let isBroken = Atomic(true)
        let passed = Mutex<Set<Int64>>([])
        let subscriber = EventSubscriber("test") { events, _, _ in
            if isBroken.load(ordering: .relaxed) { throw Fault() }
            passed.withLock { $0.formUnion(events.map(\.position)) }
        }
        let fixture = try CourierFixture(on: shop, subscribers: [subscriber])
        try add(3, to: shop)
        try eventually { try events(of: shop).count == 5 }
        try eventually { fixture.metric("souk_events_postponed_total") == "5" }
        #expect(passed.withLock { $0.isEmpty } && fixture.metric("souk_events_unread") == "0")
        isBroken.store(false, ordering: .relaxed)
        try eventually { passed.withLock { $0 } == [1, 2, 3, 4, 5] }
    }

    @Test func oldEventsAreDeleted() throws {
        let shop = try TestShop()
        let now = Instant.now()
        try add(1500, to: shop, at: now.adding(seconds: -31 * 86_400))
        try add(5, to: shop, at: now.adding(seconds: -29 * 86_400))
        // An event that the courier has not read stays.
        try shop.store.write { while try numberEvents(in: $0) > 0 {} }
        let pruned = try shop.store.write { try pruneEvents(before: now, limit: 10, in: $0) }
        #expect(pruned == 0)
        try shop.store.write { while try !readEvents(limit: 500, in: $0).isEmpty {} }
        let fixture = try CourierFixture(eventsDays: 30, on: shop)
        try eventually { try events(of: shop).count == 5 }
        #expect(try fixture.shop.breaches() == [])
    }

    /// An order that is paid at once has its data in the first of its two events.
    @Test func eventsThatShareTheirDataAreDeletedTogether() throws {
        let shop = try TestShop()
        let now = Instant.now()
        try shop.store.write { tx in
            for number in 1...2 {
                try publish(
                    .orderCreated, and: .orderPaid, on: "/sales/\(number)", ["a"], of: nil,
                    by: nil, at: now, in: tx)
            }
            while try numberEvents(in: tx) > 0 {}
            while try !readEvents(limit: 500, in: tx).isEmpty {}
        }
        // Two events are those of the products of the shop.
        let later = now.adding(seconds: 1)
        let counts = try (1...3).map { _ in
            try shop.store.write { try pruneEvents(before: later, limit: 3, in: $0) }
        }
        #expect(counts == [4, 2, 0])
        #expect(try events(of: shop).allSatisfy { $0.data != nil })
    }
}
