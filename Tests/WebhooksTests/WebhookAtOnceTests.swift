import HTTP
import HTTPTypes
import Outbox
import Storage
import TestShop
import Testing

@testable import Webhooks

/// Several callers at once.
@Suite struct WebhookAtOnceTests {
    @Test func rotations() throws {
        let office = try PostOffice()
        let first = try office.createWebhook(types: "*").secret
        let shop = office.shop
        _ = try shop.token(of: "adil")
        let secrets = atOnce(8) { _ in
            try? shop.send(.post, "/webhooks/1/rotate-secret", as: "adil").json["secret"]?.text
        }.compactMap { $0 }
        // The others are refused, because the first secret must sign for a day.
        #expect(secrets.count == 1)
        try office.test()
        #expect(try office.receivedSignatures() == office.signatures(by: secrets + [first]))
    }

    @Test func changesOfOneWebhook() throws {
        let office = try PostOffice()
        try office.createWebhook(types: "order.*")
        try office.addEvent()
        try office.deliver()
        let shop = office.shop
        _ = try shop.token(of: "adil")
        let changes: [(HTTPRequest.Method, String, String?)] = [
            (.patch, "", #"{"paused":true}"#), (.patch, "", #"{"paused":false}"#),
            (.patch, "", #"{"types":["*"]}"#), (.patch, "", #"{"types":["stock.*","*"]}"#),
            (.post, "/deliveries/1/retry", nil), (.post, "/test", nil), (.delete, "", nil),
            (.patch, "", #"{"url":"https://b.example"}"#),
        ]
        let statuses = atOnce(8) { number in
            (0..<10).map { round in
                let (method, end, body) = changes[(number + round) % changes.count]
                guard method != .delete || round == 9 else { return 204 }
                let answer = try? shop.send(method, "/webhooks/1\(end)", as: "adil", body)
                return answer?.status.code ?? 0
            }
        }
        for status in statuses.joined() { #expect([200, 202, 204, 404, 409].contains(status)) }
        #expect(try shop.breaches() == [])
    }

    /// Two couriers that read the same events make each delivery once.
    @Test func readersOfTheFeed() throws {
        let office = try PostOffice()
        for _ in 1...5 { try office.createWebhook(types: "*") }
        for _ in 1...20 { try office.addEvent() }
        let store = office.shop.store
        try store.write { _ = try numberEvents(in: $0) }
        let now = office.shop.clock.now
        onThreads(4) { _ in
            #expect(throws: Never.self) {
                for position in 1...20 as ClosedRange<Int64> {
                    try store.write { tx in
                        guard let event = try event(at: position, in: tx) else { return }
                        try addDeliveries(of: [event], at: now, in: tx)
                    }
                }
            }
        }
        for table in ["jobs", "webhook_deliveries"] {
            #expect(try office.shop.contents()[table]?.count == 100)
        }
        try office.deliver()
        #expect(office.requests.count == 100)
    }
}
