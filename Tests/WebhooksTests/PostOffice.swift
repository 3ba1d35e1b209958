import Crypto
import Foundation
import HTTP
import Outbox
import Service
import Storage
import Synchronization
import TestShop
import Testing
import Values

@testable import Webhooks

/// A shop with a courier and receivers that answer as a test says.
final class PostOffice: Sendable {
    let shop: TestShop
    /// The last event that the courier has read.
    private let position = Mutex<Int64>(0)
    private let sent = Mutex<[WebhookRequest]>([])
    private let answer = Mutex<@Sendable (WebhookRequest) -> WebhookAnswer>({ _ in
        WebhookAnswer(status: 200)
    })

    init(record: StatementRecord? = nil) throws {
        shop = try TestShop(record: record)
        // The events of the shop's opening.
        try shop.store.write { tx in
            try tx.run("DELETE FROM outbox")
            try tx.run("UPDATE event_positions SET last = 0")
        }
    }

    /// The requests so far.
    var requests: [WebhookRequest] { sent.withLock { $0 } }

    /// Determines the answers to later requests.
    func answers(_ body: @escaping @Sendable (WebhookRequest) -> WebhookAnswer) {
        answer.withLock { $0 = body }
    }

    static func shop(keys: [[UInt8]]) -> Shop {
        Shop(
            currency: "USD", keys: KeyRing(keys), accessTokenSeconds: 900,
            refreshTokenSeconds: 2_592_000, throttlesLogins: true)
    }

    /// A deliverer without jitter.
    func deliverer(
        keys: [[UInt8]] = [TestShop.secret], clock: (@Sendable () -> Instant)? = nil
    ) -> WebhookDeliverer {
        let ownClock = shop.clock
        return WebhookDeliverer(
            of: PostOffice.shop(keys: keys), RetrySchedule(random: { 0.5 }),
            clock: clock ?? { ownClock.now }
        ) { [self] request in
            sent.withLock { $0.append(request) }
            return answer.withLock { $0 }(request)
        }
    }

    /// Lets the courier read the feed from its start again.
    func readAgain() { position.withLock { $0 = 0 } }

    /// Does what the courier does: numbers events, makes deliveries, and runs all due jobs.
    func deliver(with deliverer: WebhookDeliverer? = nil) throws {
        let deliverer = deliverer ?? self.deliverer()
        let store = shop.recording
        let now = shop.clock.now
        let last = position.withLock { $0 }
        let read = try store.write { tx in
            while try numberEvents(in: tx) > 0 {}
            let new = try events(after: last, limit: 1000, in: tx)
            try addDeliveries(of: new, at: now, in: tx)
            return new.last?.position ?? last
        }
        position.withLock { $0 = read }
        var claims = JobClaims(by: "test")
        while true {
            let jobs = try claims.claim(atMost: 10, on: store, at: now)
            for job in jobs where WebhookDeliverer.kinds.contains(job.kind) {
                try deliverer.run(job, on: store)
                let lease = try #require(job.lease)
                try store.write { _ = try complete(lease, in: $0) }
            }
            if jobs.isEmpty { return }
        }
    }

    /// Creates a webhook.
    @discardableResult
    func createWebhook(_ url: String = "https://erp.example.com/souk", types: String...) throws
        -> (id: Int64, secret: String)
    {
        let list = types.map { "\"\($0)\"" }.joined(separator: ",")
        let made = try Scenario.Step(
            .post, "/webhooks", as: "adil", #"{"url":"\#(url)","types":[\#(list)]}"#
        ).succeeds(in: shop).json
        return (try #require(made["id"]?.integer), try #require(made["secret"]?.text))
    }

    /// Sends a test message to webhook 1.
    func test(with deliverer: WebhookDeliverer? = nil) throws {
        shop.forgetTokens()
        try Scenario.Step(.post, "/webhooks/1/test", as: "adil").succeeds(in: shop)
        try deliver(with: deliverer)
    }

    /// Records an event about ada, unless another customer is named.
    func addEvent(
        _ type: EventType = .orderPaid, on subject: String = "/sales/1", _ data: String = "x",
        of customer: Int64? = 1
    ) throws {
        let now = shop.clock.now
        try shop.store.write {
            try Outbox.publish(
                type, on: subject, ["note", data], of: customer, by: nil, at: now, in: $0)
        }
    }

    /// The deliveries of a webhook, the newest first.
    func deliveries(of webhook: Int64 = 1) throws -> [JSON] {
        shop.forgetTokens()
        return try shop.walk("/webhooks/\(webhook)/deliveries", as: "adil", limit: 100)
    }

    /// A webhook as its GET shows it.
    func webhook(_ id: Int64 = 1) throws -> JSON {
        shop.forgetTokens()
        return try shop.send(.get, "/webhooks/\(id)", as: "adil").json
    }
}

extension PostOffice {
    /// The signatures of the last request.
    func receivedSignatures() throws -> [String] {
        let last = try #require(requests.last)
        return try last.field("webhook-signature").split(separator: " ").map(String.init)
    }

    /// The signatures of the last request by these secrets, computed without the slice.
    func signatures(by secrets: [String]) throws -> [String] {
        let last = try #require(requests.last)
        let id = try last.field("webhook-id")
        let time = try last.field("webhook-timestamp")
        let signed = Array("\(id).\(time).".utf8) + last.body
        return try secrets.map {
            let key = try #require(Data(base64Encoded: String($0.dropFirst(6))))
            let code = HMACSHA256.authenticate(signed, key: Array(key))
            return "v1,\(Data(code).base64EncodedString())"
        }
    }
}

extension WebhookRequest {
    /// The value of a header field.
    func field(_ name: String) throws -> String {
        try #require(fields.first { $0.name == name }?.value)
    }

    /// The body as JSON.
    var json: JSON {
        get throws { try JSON(parsing: body) }
    }

    /// The id of the message.
    var message: String { fields.first { $0.name == "webhook-id" }?.value ?? "" }
}
