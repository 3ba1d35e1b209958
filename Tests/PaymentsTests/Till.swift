import HTTP
import HTTPTypes
import Outbox
import Sales
import Service
import Storage
import TestShop
import Testing
import Values

@testable import Payments

/// A shop that takes cards, with a courier and an imitation of Stripe.
final class Till: Sendable {
    let shop: TestShop
    let stripe: StripeStandIn

    init(
        _ payments: PaymentOptions = TestShop.payments, currency: String = "USD",
        pricesIncludeTax: Bool = true, record: StatementRecord? = nil
    ) throws {
        shop = try TestShop(
            currency: currency, payments: payments, pricesIncludeTax: pricesIncludeTax,
            record: record)
        stripe = try StripeStandIn()
    }

    /// A courier, which calls the imitation.
    var courier: PaymentCourier {
        let clock = shop.clock
        return PaymentCourier(
            [StripeProvider.provider(key: "sk_test_1", url: stripe.url), TestProvider.provider],
            Sales.paymentObserver, clock: { clock.now },
            send: { request in
                let time = (name: "Test-Time", value: "\(clock.now.milliseconds / 1000)")
                return StripeStandIn.send(
                    ProviderRequest(
                        url: request.url, fields: request.fields + [time], body: request.body))
            })
    }

    /// Asks for a top-up, and lets the courier start it.
    @discardableResult
    func topUp(_ amount: Int64 = 5000, of username: String = "ben") throws -> JSON {
        let made = try Scenario.Step(
            .post, "/customers/\(username)/wallet/topups", as: username,
            #"{"amount":\#(amount),"return_url":"https://shop.example/thanks?a=1&b=ä"}"#
                .replacing("ä", with: "c")
        ).succeeds(in: shop).json
        try work()
        return try payment(try #require(made["id"]?.integer))
    }

    /// Does what the courier does: attempts each due job, and records the result.
    func work() throws {
        let now = shop.clock.now
        var claims = JobClaims(by: "test")
        while true {
            let jobs = try claims.claim(atMost: 10, on: shop.recording, at: now)
            if jobs.isEmpty { return }
            for job in jobs where PaymentCourier.kinds.contains(job.kind) {
                try end(job, try courier.attempt(job, on: shop.recording))
            }
        }
    }

    /// Records the result of an attempt; after a failed one, the next begins a minute later.
    func end(_ job: Job, _ attempt: PaymentAttempt, isLast: Bool = false) throws {
        let lease = try #require(job.lease)
        let now = shop.clock.now
        try shop.recording.write { tx in
            switch attempt {
            case .done(let record):
                if try complete(lease, in: tx) { try record(tx) }
            case .retry(let error, let record):
                let isOurs =
                    try isLast
                    ? fail(lease, error: error, at: now, in: tx)
                    : release(lease, until: now.adding(seconds: 60), error: error, in: tx)
                if isOurs { try record(isLast, tx) }
            case .failed(let error, let record):
                if try fail(lease, error: error, at: now, in: tx) { try record(tx) }
            }
        }
    }

    /// The due jobs, claimed by a courier.
    func claim(by name: String) throws -> [Job] {
        var claims = JobClaims(by: name)
        return try claims.claim(atMost: 10, on: shop.store, at: shop.clock.now)
    }

    /// A payment as staff see it.
    func payment(_ id: Int64 = 1) throws -> JSON {
        try Scenario.Step(.get, "/sales/payments/\(id)", as: "sami").succeeds(in: shop).json
    }

    /// The balance of a wallet.
    func balance(of username: String = "ben") throws -> Int64 {
        try shop.value("SELECT balance AS value FROM customers WHERE username = \(username)")
    }

    /// A message as Stripe sends it.
    func message(_ body: [UInt8], by secret: String = "whsec_test_secret") -> Request {
        let seconds = shop.clock.now.milliseconds / 1000
        var request = Request(method: .post, path: "/sales/payments/stripe", body: body)
        request.fields[.stripeSignature] = stripeSignature(of: body, by: secret, at: seconds)
        return request
    }

    /// Delivers a message, which the shop must accept.
    /// - Returns: what became of it.
    @discardableResult
    func deliver(_ body: [UInt8]) throws -> String {
        let response = shop.send(message(body))
        guard response.status == .ok else { throw TestFailure(description: response.text) }
        return try #require(try response.json["result"]?.text)
    }

    /// The types of the shop's events about payments, oldest first.
    func eventTypes() throws -> [String] {
        try shop.eventTypes(of: ["payment"])
    }

    /// Status, captured and refunded amount, and the balance of the wallet.
    func books(of id: Int64 = 1) throws -> String {
        let payment = try payment(id)
        let numbers = try ["captured", "refunded"].map {
            "\(try #require(payment[$0]?.integer))"
        }
        let status = try #require(payment["status"]?.text)
        return ([status] + numbers + ["\(try balance())"]).joined(separator: " ")
    }
}
