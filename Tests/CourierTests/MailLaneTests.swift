import Outbox
import Storage
import TestShop
import Testing
import Values

/// Which messages go first.
@Suite struct MailLaneTests {
    /// Messages about accounts, of which each has a time limit or warns the owner.
    private static let urgent: [MailTemplate] = [
        .emailVerification, .passwordReset, .passwordChanged, .newSignIn, .guestOrderReceived,
    ]

    @Test(arguments: urgent) func messagesAboutAccountsPassBulkMail(template: MailTemplate) throws {
        let shop = try TestShop()
        let now = shop.clock.now
        try shop.store.write { tx in
            for customer in 1...5000 as ClosedRange<Int64> {
                try enqueueMail(
                    OutgoingMail(.backInStock, to: "a@example.com"), of: customer, at: now, in: tx)
            }
        }
        let later = now.adding(seconds: 1)
        try shop.store.write { tx in
            try enqueueMail(
                OutgoingMail(template, to: "ada@example.com"), of: 1, at: later, in: tx)
            try enqueueMail(
                OutgoingMail(.orderPaid, to: "ada@example.com"), of: 1, at: later, in: tx)
        }
        var claims = JobClaims(by: "test")
        let claimed = try claims.claim(atMost: 12, on: shop.store, at: later)
        let templates = try claimed.map { try OutgoingMail(payload: $0.payload).template }
        #expect(templates.contains(template) && templates.contains(.orderPaid))
        #expect(templates.contains(.backInStock))
    }
}
