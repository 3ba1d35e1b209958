import Courier
import Foundation
import Logging
import Mail
import Outbox
import ShopFixture
import Synchronization
import TestShop
import Testing
import Values
import Webhooks

/// A mail server that refuses all messages for more than an hour.
@Suite struct MailRetryTests {
    @Test func aMessageIsSentAfterAnHour() throws {
        let shop = try TestShop()
        let folder = try Folder()
        let mail = folder.file("mail")
        // As long as the folder is missing, each attempt fails for now.
        let sender = MailSender(
            .folder(mail), MailTemplates(overriddenBy: "/nowhere"),
            from: try #require(Mailbox("shop@example.com")), publicURL: "https://pens.example",
            for: shop.shop)
        var log = Logger(label: "test")
        log.logLevel = .critical
        let settings = CourierSettings(workers: 2, eventsDays: 36_500)
        let tasks = CourierTasks(
            for: CourierOwner(settings, of: shop.shop, on: shop.store, log: log), mail: sender,
            webhooks: RetrySchedule(), allowing: [], payments: [])
        let clock = shop.clock
        let courier = CourierThreads(
            CourierTasks(handlers: tasks.handlers), settings, on: shop.store, log: log,
            clock: { clock.now })
        try courier.start()
        defer { courier.drain(withinMs: 5000) }
        let now = clock.now
        try shop.store.write { tx in
            let values = ["name": "Ada", "username": "ada", "shop": "x"]
            try enqueueMail(
                OutgoingMail(.passwordChanged, to: "ada@example.com", values: values), of: nil,
                at: now, in: tx)
        }
        func job() throws -> Job? {
            try shop.store.read { try jobs(after: 0, limit: 2, in: $0) }.first
        }
        /// The pause after an attempt; a fifth of it may be added.
        for (number, pauseSeconds) in ([60, 300, 900, 3600] as [Int64]).enumerated() {
            try eventually { try job()?.attempts == Int64(number + 1) && job()?.leasedBy == nil }
            let waiting = try #require(try job())
            let pauseMs = waiting.runAt.milliseconds - clock.now.milliseconds
            #expect((pauseSeconds * 1000...pauseSeconds * 1200 + 1000).contains(pauseMs))
            #expect(waiting.error?.contains("No such file or directory") == true)
            clock.pass(seconds: pauseSeconds - 1)
            pause(milliseconds: 500)
            #expect(try job()?.attempts == Int64(number + 1))
            if number == 3 {
                try FileManager.default.createDirectory(
                    atPath: mail, withIntermediateDirectories: false)
            }
            clock.pass(seconds: pauseSeconds / 5 + 2)
        }
        try eventually { try job() == nil }
        #expect(try FileManager.default.contentsOfDirectory(atPath: mail).count == 1)
    }
}
