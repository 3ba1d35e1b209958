import Courier
import Glibc
import HTTP
import Logging
import Outbox
import Storage
import Synchronization
import TestShop
import Testing
import Values

/// A courier on the database of a test shop, with the system's clock.
final class CourierFixture: Sendable {
    let shop: TestShop
    let courier: CourierThreads

    /// Starts a courier with these tasks.
    init(
        workers: Int = 4, eventsDays: Int = 90, on shop: TestShop? = nil,
        handlers: [JobHandler] = [], subscribers: [EventSubscriber] = []
    ) throws {
        let shop = try shop ?? TestShop()
        self.shop = shop
        var log = Logger(label: "test")
        log.logLevel = .critical
        courier = CourierThreads(
            CourierTasks(handlers: handlers, subscribers: subscribers),
            CourierSettings(workers: workers, eventsDays: eventsDays), on: shop.store, log: log)
        try courier.start()
    }

    deinit { courier.drain(withinMs: 5000) }

    /// Enqueues a job of the kind `test`.
    @discardableResult
    func add(_ queue: Int64, kind: String = "test") throws -> Int64 {
        try shop.store.write { tx in
            try enqueue(
                kind, in: JobQueue("mail", queue), ["a"], of: nil, at: .now(), in: tx)
        }
    }

    func jobs() throws -> [Job] {
        try shop.store.read { try Outbox.jobs(after: 0, limit: 1000, in: $0) }
    }

    /// A sample of the metrics.
    func metric(_ name: String, kind: String? = nil) -> String? {
        let family = courier.metrics.first { $0.name == name }
        return family?.samples.first { kind == nil || $0.labels.first?.value == kind }?.value
    }
}

/// Waits until `condition` is true, for 20 seconds at most.
func eventually(
    _ condition: () throws -> Bool, at location: SourceLocation = #_sourceLocation
) throws {
    let end = ContinuousClock.now + .seconds(20)
    while try !condition() {
        guard ContinuousClock.now < end else {
            Issue.record("not within 20 seconds", sourceLocation: location)
            return
        }
        pause(milliseconds: 5)
    }
}

/// Sleeps.
func pause(milliseconds: UInt32) {
    usleep(milliseconds * 1000)
}
