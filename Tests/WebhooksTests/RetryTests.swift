import HTTP
import HTTPTypes
import Outbox
import Storage
import TestShop
import Testing
import Values

@testable import Webhooks

/// Failed attempts, and what an admin does about them.
@Suite struct RetryTests {
    /// Every attempt of a delivery that always fails, at the right second.
    @Test func followsTheSchedule() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "order.*")
        office.answers { _ in WebhookAnswer(status: 500) }
        try office.addEvent()
        try office.deliver()
        for (index, delay) in RetrySchedule.standardSeconds.enumerated() {
            #expect(office.requests.count == index + 1)
            let due = office.shop.clock.now.adding(seconds: delay).rfc3339
            #expect(try office.deliveries()[0]["next_attempt_at"] == .string(due))
            office.shop.clock.pass(seconds: delay - 1)
            try office.deliver()
            #expect(office.requests.count == index + 1, "\(delay)")
            office.shop.clock.pass(seconds: 1)
            try office.deliver()
        }
        let delivery = try office.deliveries()[0]
        #expect(delivery["state"] == "failed" && delivery["next_attempt_at"] == .null)
        #expect(delivery["attempts"]?.elements.count == 11)
        // Each attempt sent the same body.
        #expect(Set(office.requests.map(\.body)).count == 1)
        #expect(Set(office.requests.map(\.message)) == ["1"])
        office.shop.clock.pass(seconds: 1_000_000)
        try office.deliver()
        #expect(office.requests.count == 11)
        #expect(try office.shop.breaches() == [])
    }

    @Test func delaysDifferByATenth() throws {
        for (random, seconds) in [(0.0, 1620), (0.5, 1800), (1.0, 1980)] as [(Double, Int64)] {
            let schedule = RetrySchedule(random: { random })
            #expect(schedule.delaySeconds(after: 4) == seconds)
            #expect(schedule.delaySeconds(after: 11) == nil)
        }
        #expect(RetrySchedule([2], random: { 0.5 }).delaySeconds(after: 1) == 2)
    }

    /// A failed delivery does not hold up the next one of its webhook.
    @Test func laterMessagesPassAFailedOne() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        office.answers { WebhookAnswer(status: $0.message == "1" ? 500 : 200) }
        for _ in 1...3 { try office.addEvent() }
        try office.deliver()
        #expect(office.requests.map(\.message) == ["1", "2", "3"])
        office.answers { _ in WebhookAnswer(status: 200) }
        office.shop.clock.pass(seconds: 5)
        try office.deliver()
        #expect(office.requests.map(\.message) == ["1", "2", "3", "1"])
        #expect(try office.deliveries().allSatisfy { $0["state"] == "delivered" })
    }

    @Test func anAdminRetriesAFailedDelivery() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "order.*")
        office.answers { _ in WebhookAnswer(status: 500) }
        try office.test()
        for delay in RetrySchedule.standardSeconds {
            office.shop.clock.pass(seconds: delay)
            try office.deliver()
        }
        #expect(try office.deliveries()[0]["state"] == "failed")
        let retry = Scenario.Step(.post, "/webhooks/1/deliveries/1/retry", as: "adil")
        #expect(try retry.succeeds(in: office.shop).json["state"] == "pending")
        try office.deliver()
        // With all of its retries.
        office.shop.clock.pass(seconds: 5)
        office.answers { _ in WebhookAnswer(status: 200) }
        try office.deliver()
        let delivery = try office.deliveries()[0]
        #expect(delivery["state"] == "delivered" && delivery["attempts"]?.elements.count == 13)
        // A delivered message is sent again too.
        try retry.succeeds(in: office.shop)
        try office.deliver()
        #expect(office.requests.count == 14)
        for _ in 1...10 {
            try retry.succeeds(in: office.shop)
            try office.deliver()
        }
        #expect(try office.deliveries()[0]["attempts"]?.elements.count == 20)
        #expect(try office.shop.breaches() == [])
    }

    /// The job that an admin overtook sends nothing.
    @Test func aRetryReplacesTheScheduledOne() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        office.answers { _ in WebhookAnswer(status: 500) }
        try office.test()
        let retry = Scenario.Step(.post, "/webhooks/1/deliveries/1/retry", as: "adil")
        for _ in 1...3 { try retry.succeeds(in: office.shop) }
        try office.deliver()
        #expect(office.requests.count == 2)
        office.shop.clock.pass(seconds: 5)
        try office.deliver()
        #expect(office.requests.count == 3)
    }

    /// A job that runs again after its lease has ended sends nothing after the first result.
    @Test func aJobThatRunsTwiceContinuesOnce() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        office.answers { _ in WebhookAnswer(status: 500) }
        try Scenario.Step(.post, "/webhooks/1/test", as: "adil").succeeds(in: office.shop)
        let job = DeliveryJob(webhook: 1, delivery: 1, turn: 1)
        let deliverer = office.deliverer()
        for _ in 1...3 { try deliverer.deliver(job, on: office.shop.store) }
        #expect(office.requests.count == 1)
        let jobs: Int64 = try office.shop.value("SELECT COUNT(*) AS value FROM jobs")
        #expect(jobs == 2)
        // Both at once: each attempt is recorded, and one retry follows.
        let next = DeliveryJob(webhook: 1, delivery: 1, turn: 2)
        let store = office.shop.store
        onThreads(2) { _ in
            #expect(throws: Never.self) { try deliverer.deliver(next, on: store) }
        }
        let more: Int64 = try office.shop.value("SELECT COUNT(*) AS value FROM jobs")
        #expect(more == 3)
        #expect(try office.shop.breaches() == [])
    }

    @Test func aPausedWebhookKeepsItsDeliveries() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        for _ in 1...450 { try office.addEvent() }
        try office.shop.store.write { tx in
            while try numberEvents(in: tx) > 0 {}
            for event in try events(after: 0, limit: 1000, in: tx) {
                try addDeliveries(of: [event], at: event.createdAt, in: tx)
            }
        }
        try Scenario.Step(.patch, "/webhooks/1", as: "adil", #"{"paused":true}"#).succeeds(
            in: office.shop)
        try office.deliver()
        #expect(office.requests.isEmpty)
        // New events are not for a paused webhook.
        try office.addEvent()
        try office.deliver()
        #expect(try office.deliveries().count == 450)
        #expect(try office.deliveries().allSatisfy { $0["next_attempt_at"] == .null })
        try Scenario.Step(.patch, "/webhooks/1", as: "adil", #"{"paused":false}"#).succeeds(
            in: office.shop)
        try office.deliver()
        #expect(office.requests.map(\.message) == (1...450).map { "\($0)" })
        #expect(try office.shop.breaches() == [])
    }

    @Test func aDeletedWebhookGetsNothing() throws {
        let office = try PostOffice()
        for _ in 1...2 { try office.createWebhook(types: "*") }
        office.answers { _ in WebhookAnswer(status: 500) }
        try office.addEvent()
        try office.deliver()
        #expect(office.requests.count == 2)
        try Scenario.Step(.delete, "/webhooks/1", as: "adil").succeeds(in: office.shop)
        try office.addEvent()
        office.shop.clock.pass(seconds: 5)
        try office.deliver()
        #expect(office.requests.count == 4)
        #expect(
            try office.shop.send(.get, "/webhooks/1/deliveries", as: "adil").status == .notFound)
        try office.prune()
        let expected = ["webhooks": 1, "webhook_deliveries": 2, "webhook_attempts": 3]
        for table in ["webhooks", "webhook_deliveries", "webhook_attempts"] {
            let left = try office.shop.contents()[table]?.count
            #expect(left == expected[table], "\(table)")
        }
    }

    @Test func oldDeliveriesArePruned() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        for _ in 1...450 { try office.addEvent() }
        try office.deliver()
        office.answers { _ in WebhookAnswer(status: 500) }
        try office.addEvent()
        try office.deliver()
        office.shop.clock.pass(seconds: 30 * 86_400)
        try office.prune()
        #expect(try office.deliveries().count == 451)
        office.shop.clock.pass(seconds: 1)
        try office.prune()
        // The last one is still pending.
        let left = try office.deliveries()
        #expect(left.count == 1 && left[0]["state"] == "pending")
        #expect(try office.shop.breaches() == [])
    }

    /// webhook.failing is recorded once for a day of failures, and again after a success.
    @Test func tellsOnceThatAWebhookFails() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "order.*")
        for spell in 1...2 {
            office.answers { _ in WebhookAnswer(status: nil, error: "timeout") }
            try office.addEvent()
            try office.deliver()
            let since = office.shop.clock.now.rfc3339
            #expect(try office.webhook()["failing_since"] == .string(since))
            for hours in [23, 1, 1, 30] as [Int64] {
                office.shop.clock.pass(seconds: hours * 3600)
                try office.addEvent()
                try office.deliver()
                let told = hours == 23 ? 0 : 1
                let (events, webhooks) = try office.failing()
                #expect(events == spell - 1 + told && webhooks == told, "\(spell): \(hours)")
            }
            office.answers { _ in WebhookAnswer(status: 200) }
            try office.addEvent()
            try office.deliver()
            let (events, webhooks) = try office.failing()
            #expect(events == spell && webhooks == 0)
            #expect(try office.webhook()["failing_since"] == .null)
        }
        let event = try office.shop.store.read {
            try Outbox.events(after: 0, types: [.webhookFailing], limit: 1, in: $0)
        }
        #expect(event.first?.subject == "/webhooks/1")
        #expect(event.first?.data?.contains(#""failing_since":"2026-"#) == true)
    }

    /// The next attempt may be hours away.
    @Test func tellsOfFailuresWithoutAnAttempt() throws {
        let office = try PostOffice()
        for _ in 1...2 { try office.createWebhook(types: "order.*") }
        office.answers { WebhookAnswer(status: $0.url.isEmpty ? 200 : 500) }
        try office.addEvent()
        try office.deliver()
        try Scenario.Step(.patch, "/webhooks/2", as: "adil", #"{"paused":true}"#).succeeds(
            in: office.shop)
        func check() throws {
            let now = office.shop.clock.now
            onThreads(2) { _ in
                #expect(throws: Never.self) {
                    try office.shop.store.write { try noteFailingWebhooks(at: now, in: $0) }
                }
            }
        }
        office.shop.clock.pass(seconds: 86_399)
        try check()
        #expect(try office.failing() == (0, 0))
        office.shop.clock.pass(seconds: 1)
        for _ in 1...2 { try check() }
        #expect(try office.failing() == (1, 1))
    }

    /// Another address has not failed yet.
    @Test func aNewAddressEndsTheFailures() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "*")
        office.answers { _ in WebhookAnswer(status: 500) }
        try office.test()
        try Scenario.Step(.patch, "/webhooks/1", as: "adil", #"{"url":"https://b.example/"}"#)
            .succeeds(in: office.shop)
        #expect(try office.webhook()["failing_since"] == .null)
        office.shop.clock.pass(seconds: 5)
        try office.deliver()
        #expect(office.requests.map(\.url).last == "https://b.example/")
    }
}

extension PostOffice {
    func prune() throws {
        let now = shop.clock.now
        while try shop.store.write({ try pruneDeliveries(at: now, in: $0) }) {}
        #expect(try shop.breaches() == [])
    }

    /// The number of events webhook.failing, and that of the webhooks in the metric.
    func failing() throws -> (events: Int, webhooks: Int) {
        let count: Int64 = try shop.value(
            """
            SELECT (SELECT COUNT(*) FROM outbox WHERE type = 'webhook.failing')
                + (SELECT COUNT(*) FROM events WHERE type = 'webhook.failing') AS value
            """)
        return (Int(count), Int(try shop.store.read { try failingWebhooks(in: $0) }))
    }
}
