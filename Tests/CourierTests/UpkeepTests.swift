import Logging
import Storage
import Synchronization
import TestShop
import Testing

@testable import Courier

/// The pauses between the steps of a periodic task.
@Suite struct UpkeepTests {
    /// Rows that cannot be done do not make the others wait for ten seconds.
    @Test func skippedRowsDelayNothing() throws {
        let pauseMs = try pause { throw PeriodicTask.SkippedRows(StoreError.busy) }
        #expect((1...1000).contains(pauseMs), "\(pauseMs)")
    }

    @Test func aFailureIsTriedAgainAfterTenSeconds() throws {
        let pauseMs = try pause { throw StoreError.busy }
        #expect((9000...10_000).contains(pauseMs), "\(pauseMs)")
    }

    /// The pause after a step of a task that runs every second.
    private func pause(_ step: @escaping @Sendable () throws -> Bool) throws -> Int64 {
        let shop = try TestShop()
        var log = Logger(label: "test")
        log.logLevel = .critical
        let task = PeriodicTask("test", everySeconds: 1) { _, _ in try step() }
        return Upkeep([task], on: shop.store, log: log, clock: { shop.clock.now }).step()
    }
}
