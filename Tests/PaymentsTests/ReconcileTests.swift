import HTTP
import Sales
import Storage
import TestShop
import Testing
import Values

@testable import Payments

/// Messages that the shop has not received.
@Suite struct ReconcileTests {
    @Test func booksWhatWasLost() throws {
        let till = try Till()
        for _ in 1...15 { try till.topUp(100) }
        let received = try till.stripe.pay("cs_test_1")
        for number in 2...15 { _ = try till.stripe.pay("cs_test_\(number)") }
        for number in 1...12 {
            _ = try till.stripe.event(
                "charge.refunded", #""intent":"pi_\#(number)","total":10"#)
        }
        try till.deliver(received)
        #expect(try till.balance() == 100)
        // One message that cannot be read does not keep the others from being booked.
        _ = try till.stripe.event("charge.dispute.created", #""intent":"pi_1","amount":-1"#)
        func run() throws -> [Int] {
            let found = try reconcile(
                withStripe: till.stripe.url, key: "sk_test_1", since: Instant(milliseconds: 0),
                on: till.shop.store, Sales.paymentObserver, send: StripeStandIn.send)
            return [found.applied, found.known, found.unmatched, found.unreadable]
        }
        // Two pages of messages.
        #expect(try run() == [26, 1, 0, 1])
        #expect(try till.balance() == 15 * 100 - 12 * 10)
        #expect(try run() == [0, 27, 0, 1])
        // Late messages are repetitions.
        #expect(try till.deliver(received) == "duplicate")
        #expect(try till.shop.breaches() == [])
    }

    /// What `souk payments unmatched` prints: the newest first, and older ones before an id.
    @Test func listsUnknownPaymentsFromTheNewest() throws {
        let till = try Till()
        try till.topUp()
        // The shop has not received the message that tells the payment of the disputes.
        _ = try till.stripe.pay("cs_test_1")
        let messages = try (1...5).map { number in
            try till.stripe.event(
                "charge.dispute.created",
                #""intent":"pi_1","dispute":"du_\#(number)","amount":\#(number)"#)
        }
        for message in messages { #expect(try till.deliver(message) == "unmatched") }
        func list(before id: Int64, _ limit: Int64) throws -> [UnmatchedEvent] {
            try till.shop.store.read { try unmatchedEvents(before: id, limit: limit, in: $0) }
        }
        let first = try list(before: .max, 2)
        #expect(first.map(\.amount.minorUnits) == [5, 4])
        #expect(try list(before: first[1].id, 9).map(\.amount.minorUnits) == [3, 2, 1])
    }

    @Test func saysWhyItFailed() throws {
        let till = try Till()
        let failure = #expect(throws: ReconciliationFailure.self) {
            _ = try reconcile(
                withStripe: till.stripe.url, key: "sk_live_1", since: .now(),
                on: till.shop.store, Sales.paymentObserver, send: StripeStandIn.send)
        }
        #expect(failure?.description == "Stripe answered 401: Invalid API Key provided.")
    }
}
