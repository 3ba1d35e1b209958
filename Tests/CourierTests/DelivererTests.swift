import Courier
import Outbox
import Storage
import Synchronization
import TestShop
import Testing
import Values

/// Attempts and their results.
@Suite struct DelivererTests {
    @Test func aDoneJobIsDeletedWithItsRecord() throws {
        let ends = Mutex<[JobEnd]>([])
        let handler = JobHandler(kind: "test", retrySeconds: []) { _ in
            .done { end, tx in
                ends.withLock { $0.append(end) }
                try tx.run("UPDATE customers SET full_name = 'written' WHERE username = 'ada'")
            }
        }
        let fixture = try CourierFixture(handlers: [handler])
        try fixture.add(1)
        try eventually { try fixture.jobs().isEmpty }
        #expect(ends.withLock { $0 } == [.completed])
        let name: String = try fixture.shop.value(
            "SELECT full_name AS value FROM customers WHERE username = 'ada'")
        #expect(name == "written")
        try eventually { fixture.metric("souk_jobs_delivered_total", kind: "test") == "1" }
    }

    /// The pauses are those of the handler, and the last failure keeps the job.
    @Test func retriesEndAfterTheLastPause() throws {
        let attempts = Mutex<[Int64]>([])
        let handler = JobHandler(kind: "test", retrySeconds: [0, 0]) { job in
            attempts.withLock { $0.append(job.attempts) }
            return .retry(error: "refused")
        }
        let fixture = try CourierFixture(handlers: [handler])
        try fixture.add(1)
        try eventually { try fixture.jobs().first?.state == .failed }
        #expect(attempts.withLock { $0 } == [1, 2, 3])
        #expect(try fixture.jobs().first?.error == "refused")
        try eventually { fixture.metric("souk_jobs_failed_total", kind: "test") == "1" }
        #expect(fixture.metric("souk_jobs_retried_total", kind: "test") == "2")
        #expect(fixture.metric("souk_jobs_failed") == "1")
    }

    @Test(arguments: [nil, 1000] as [Int64?]) func aPauseHasARandomPart(seconds: Int64?) throws {
        let handler = JobHandler(kind: "test", retrySeconds: [100]) { _ in
            .retry(afterSeconds: seconds, error: "later")
        }
        let fixture = try CourierFixture(workers: 8, handlers: [handler])
        for queue in 0..<8 { try fixture.add(Int64(queue)) }
        try eventually { try fixture.jobs().allSatisfy { $0.error != nil } }
        let pauses = try fixture.jobs().map {
            $0.runAt.milliseconds - Instant.now().milliseconds
        }
        let expected = (seconds ?? 100) * 1000
        #expect(pauses.allSatisfy { (expected - 20_000...expected * 6 / 5).contains($0) })
        #expect(Set(pauses.map { $0 / 100 }).count > 1)
    }

    /// A thrown error, an unknown kind and a record that fails.
    @Test func faultsOfHandlersDoNotStopTheCourier() throws {
        struct Fault: Error {}
        let throwing = JobHandler(kind: "throws", retrySeconds: []) { _ in throw Fault() }
        let recording = JobHandler(kind: "records", retrySeconds: []) { _ in
            .done { _, _ in throw Fault() }
        }
        let breaking = JobHandler(kind: "breaks", retrySeconds: []) { _ in
            .done { _, tx in try tx.run("UPDATE no_such_table SET a = 1") }
        }
        let fixture = try CourierFixture(handlers: [throwing, recording, breaking])
        for kind in ["throws", "records", "breaks"] { try fixture.add(1, kind: kind) }
        try eventually { try fixture.jobs().allSatisfy { $0.state == .failed } }
        try fixture.add(1, kind: "unknown")
        try eventually { try fixture.jobs().last?.error != nil }
        #expect(try fixture.jobs().last?.state == .pending)
        #expect(try fixture.shop.breaches() == [])
    }

    /// One slow receiver occupies one thread, whatever its queue holds.
    @Test func aSlowQueueDelaysOnlyItself() throws {
        let isOpen = Atomic(false)
        let done = Mutex<[String]>([])
        let handler = JobHandler(kind: "test", retrySeconds: []) { job in
            while job.queue == "mail:1", !isOpen.load(ordering: .relaxed) { pause(milliseconds: 1) }
            done.withLock { $0.append(job.queue) }
            return .done()
        }
        let fixture = try CourierFixture(workers: 4, handlers: [handler])
        for _ in 0..<5 { try fixture.add(1) }
        for _ in 0..<5 { try fixture.add(2) }
        try eventually { done.withLock { $0.count } == 5 }
        #expect(done.withLock { Set($0) } == ["mail:2"])
        isOpen.store(true, ordering: .relaxed)
        try eventually { try fixture.jobs().isEmpty }
    }

    /// Receivers that do not answer get half of the threads at most.
    @Test func manySlowQueuesLeaveThreadsForTheOthers() throws {
        let isOpen = Atomic(false)
        let slow = Atomic(0)
        let handler = JobHandler(kind: "test", retrySeconds: []) { job in
            guard job.queue != "mail:99" else { return .done() }
            slow.add(1, ordering: .relaxed)
            while !isOpen.load(ordering: .relaxed) { pause(milliseconds: 1) }
            return .done()
        }
        let fixture = try CourierFixture(workers: 4, handlers: [handler])
        try fixture.add(99)
        try eventually { try fixture.jobs().isEmpty }
        for queue in 1...8 { try fixture.add(Int64(queue)) }
        try eventually { slow.load(ordering: .relaxed) >= 2 }
        for _ in 0..<5 {
            let id = try fixture.add(99)
            try eventually { try !fixture.jobs().contains { $0.id == id } }
        }
        #expect(slow.load(ordering: .relaxed) == 2)
        isOpen.store(true, ordering: .relaxed)
        try eventually { try fixture.jobs().isEmpty }
    }

    /// A drain finishes what ends in time, and releases the rest.
    @Test func aDrainReleasesLateJobs() throws {
        let isOpen = Atomic(false)
        let begun = Atomic(0)
        let handler = JobHandler(kind: "test", retrySeconds: [0]) { job in
            begun.add(1, ordering: .relaxed)
            while job.queue == "mail:1", !isOpen.load(ordering: .relaxed) { pause(milliseconds: 1) }
            pause(milliseconds: 100)
            return .done()
        }
        let fixture = try CourierFixture(handlers: [handler])
        let late = try fixture.add(1)
        try fixture.add(2)
        try eventually { begun.load(ordering: .relaxed) == 2 }
        fixture.courier.drain(withinMs: 3000)
        let left = try fixture.jobs()
        #expect(left.map(\.id) == [late])
        #expect(left.first?.leasedBy == nil && left.first?.error == "The courier stopped.")
        // The late attempt ends after another courier may have begun, and changes nothing.
        isOpen.store(true, ordering: .relaxed)
        pause(milliseconds: 300)
        #expect(try fixture.jobs().map(\.id) == [late])
    }

    /// A courier whose lease ended does not write its result.
    @Test func aLostLeaseWritesNothing() throws {
        let isOpen = Atomic(false)
        let records = Atomic(0)
        let handler = JobHandler(kind: "test", retrySeconds: [0]) { _ in
            while !isOpen.load(ordering: .relaxed) { pause(milliseconds: 1) }
            return .done { _, _ in records.add(1, ordering: .relaxed) }
        }
        let fixture = try CourierFixture(handlers: [handler])
        try fixture.add(1)
        try eventually { try fixture.jobs().first?.leasedBy != nil }
        // Another courier, a minute later.
        let later = Instant.now().adding(seconds: JobClaims.leaseSeconds + 1)
        var other = JobClaims(by: "other")
        #expect(try other.claim(atMost: 1, on: fixture.shop.store, at: later).count == 1)
        isOpen.store(true, ordering: .relaxed)
        try eventually { fixture.metric("souk_jobs_lost_total") == "1" }
        #expect(records.load(ordering: .relaxed) == 0)
        #expect(try fixture.jobs().first?.leasedBy == "other/1")
    }
}
