import Foundation
import HTTP
import Mail
import Outbox
import ShopFixture
import Storage
import TestShop
import Testing
import Values
import Webhooks

@testable import Courier

/// Messages from the request to the file, as Python's `email` package reads them.
@Suite struct MailStoryTests {
    private struct Message: Decodable {
        let subject: String
        let text: String
    }

    private let shop: TestShop
    private let folder: Folder

    init() throws {
        shop = try TestShop()
        folder = try Folder()
        for name in ["ada", "sami", "adil"] {
            try shop.giveAddress("\(name)@example.com", to: name)
        }
        try shop.readEvents()
    }

    /// Does what the courier does with new events and their messages, and reads the files.
    private func messages(to name: String) throws -> [Message] {
        try shop.readEvents()
        let sender = MailSender(
            .folder(folder.path), MailTemplates(overriddenBy: "/nowhere"),
            from: try #require(Mailbox("Pens <shop@example.com>")),
            publicURL: "https://pens.example", for: shop.shop)
        var claims = JobClaims(by: "test")
        while true {
            let jobs = try claims.claim(atMost: 100, on: shop.store, at: shop.clock.now)
            for job in jobs {
                guard case .done = try sender.attempt(job) else { throw Failure("\(job)") }
                let lease = try #require(job.lease)
                try shop.store.write { _ = try complete(lease, in: $0) }
            }
            if jobs.isEmpty { break }
        }
        let outcome = try run(
            try #require(Programs.installed("python3")),
            ["\(Programs.top)/Tests/Clients/messages.py", folder.path, "\(name)@example.com"])
        guard outcome.code == 0 else { throw Failure(outcome.errors) }
        return try JSONDecoder().decode([Message].self, from: Data(outcome.output.utf8))
    }

    @Test func aReviewIsRejectedAndThenApproved() throws {
        let review = #"{"product_id":1,"rating":1,"comment":"bad"}"#
        try Scenario.Step(.post, "/reviews", as: "ada", review).succeeds(in: shop)
        let reason = "No swearing, please: say what is wrong."
        let rejection = #"{"reason":"No swearing, please: say what is wrong."}"#
        try Scenario.Step(.post, "/reviews/1/reject", as: "mona", rejection).succeeds(in: shop)
        let rejected = try messages(to: "ada")
        #expect(rejected.map(\.subject) == ["Your review was not published"])
        #expect(rejected[0].text.contains("for this reason:\n\n\(reason)\n\nYou can change"))
        try Scenario.Step(.post, "/reviews/1/approve", as: "mona").succeeds(in: shop)
        let approved = try #require(try messages(to: "ada").last)
        #expect(approved.subject == "Your review is published")
        #expect(approved.text.contains("review of product 1 is now public at pens.example"))
    }

    @Test func anUnpaidOrderExpires() throws {
        let order = #"""
            {"items":[{"product_id":1,"quantity":2}],"payment":{"method":"bank_transfer"}}
            """#
        try Scenario.Step(.post, "/sales", as: "ada", order).succeeds(in: shop)
        #expect(try messages(to: "ada").map(\.subject) == ["We have received your order 1"])
        shop.clock.pass(seconds: 30 * 86_400)
        try shop.expireOrders()
        let expired = try #require(try messages(to: "ada").last)
        #expect(expired.subject == "Your order 1 has expired")
        #expect(expired.text.contains("the payment of 5.00 USD for your order 1"))
        #expect(expired.text.contains("\n2 × pen, 2.50 USD each\n"))
    }

    /// The last day is that of the shop, as on its invoices.
    @Test func aTransferIsDueOnADayOfTheShop() throws {
        let order = #"""
            {"items":[{"product_id":1,"quantity":2}],"payment":{"method":"bank_transfer"}}
            """#
        try Scenario.Step(.post, "/sales", as: "ada", order).succeeds(in: shop)
        // 00:06 of the next day in Auckland.
        try shop.store.write { try $0.run("UPDATE report_offsets SET utc_offset = 46800000") }
        let received = try #require(try messages(to: "ada").last)
        #expect(received.text.contains("Please transfer 5.00 USD until 2026-11-26, with"))
    }

    @Test func staffLearnOfLowStock() throws {
        try Scenario.Step(.patch, "/inventory/1", as: "sami", #"{"low_stock":8}"#)
            .succeeds(in: shop)
        let order = #"{"items":[{"product_id":1,"quantity":3}]}"#
        try Scenario.Step(.post, "/sales", as: "ada", order).succeeds(in: shop)
        for name in ["sami", "adil"] {
            let found = try messages(to: name)
            #expect(found.map(\.subject) == ["Low stock: pen"])
            #expect(found[0].text.contains("pen (/inventory/1) at pens.example is low."))
            #expect(found[0].text.contains("Units left: 7\n"))
        }
    }

    @Test func adminsLearnOfAFailingWebhook() throws {
        let hook = #"{"url":"https://erp.example.com/souk","types":["order.*"]}"#
        try Scenario.Step(.post, "/webhooks", as: "adil", hook).succeeds(in: shop)
        let now = shop.clock.now
        let since = now.adding(seconds: -86_400)
        try shop.store.write { try $0.run("UPDATE webhooks SET failing_since = \(since)") }
        try shop.store.write { try noteFailingWebhooks(at: now, in: $0) }
        let found = try messages(to: "adil")
        #expect(found.map(\.subject) == ["A webhook of pens.example is failing"])
        #expect(found[0].text.contains("\nhttps://erp.example.com/souk\n"))
        #expect(found[0].text.contains("GET /webhooks/1/deliveries"))
        #expect(try messages(to: "sami").isEmpty)
    }

    /// A program may call itself anything.
    @Test func aSignInWithAnUnsafeNameIsReported() throws {
        let now = shop.clock.now
        try shop.store.write { tx in
            let values = [
                "name": "Ada", "username": "ada", "time": "now", "address": "192.0.2.1",
                "device": "curl\u{200B}\u{202E}/8\u{1}",
            ]
            try enqueueMail(
                OutgoingMail(.newSignIn, to: "ada@example.com", values: values), of: 1, at: now,
                in: tx)
        }
        #expect(try messages(to: "ada").map(\.text)[0].contains("\nProgram: curl/8\n"))
    }
}
