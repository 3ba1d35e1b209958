import Foundation
import HTTP
import ShopFixture
import Synchronization
import TestShop
import Testing

extension ShopTests {
    /// Many at a time.
    @Suite struct RushTests {
        @Test func sixtyFourBuyersGetTenPens() throws {
            let shop = try SharedShop.shop
            let buyers = try SharedShop.buyers
            for _ in 0..<5 {
                let product = try SharedShop.product(stock: 10, price: 1)
                let order = #"{"items":[{"product_id":\#(product),"quantity":1}]}"#
                let answers = Mutex<[HTTPAnswer]>([])
                onThreads(64) { number in
                    guard let answer = try? buyers[number].send("POST", "/sales", order) else {
                        return
                    }
                    answers.withLock { $0.append(answer) }
                }
                let all = answers.withLock { $0 }
                #expect(all.count == 64)
                #expect(all.count { $0.status == 201 } == 10)
                for answer in all where answer.status != 201 {
                    answer.expectProblem(409, "insufficient_stock", faults: ["items[0].quantity"])
                }
                try shop.visitor().send("GET", "/inventory/\(product)")
                    .expect(200, shows: #"{"stock":0}"#)
                let moves = try SharedShop.demo("sami").send(
                    "GET", "/inventory/\(product)/movements?limit=100")
                let deltas = try moves.expect(200).json["data"]?.elements.map { $0["delta"] }
                #expect(deltas == Array(repeating: .integer(-1), count: 10) + [.integer(10)])
            }
            #expect(try shop.souk("check").code == 0)
        }

        /// One key, sent by all at once from many devices: one sale, and everybody is told of it.
        @Test func oneKeyIsOneSale() throws {
            let shop = try SharedShop.shop
            let token = try SharedShop.buyers[0].token ?? ""
            let product = try SharedShop.product(stock: 100, price: 1)
            let order = #"{"items":[{"product_id":\#(product),"quantity":1}]}"#
            let answers = Mutex<[HTTPAnswer]>([])
            onThreads(32) { _ in
                let visitor = Visitor(port: shop.port, token: token)
                let key = [("Idempotency-Key", "once-\(product)")]
                if let answer = try? visitor.send("POST", "/sales", order, fields: key) {
                    answers.withLock { $0.append(answer) }
                }
            }
            let all = answers.withLock { $0 }
            #expect(all.count == 32)
            #expect(all.allSatisfy { $0.status == 201 })
            #expect(Set(all.map(\.text)).count == 1)
            #expect(all.count { $0["Idempotent-Replayed"] == "true" } == 31)
            try shop.visitor().send("GET", "/inventory/\(product)")
                .expect(200, shows: #"{"stock":99}"#)
        }

        @Test func idleConnectionsDelayNobody() throws {
            let shop = try SharedShop.shop
            let idle = try (0..<200).map { _ in
                let visitor = shop.visitor()
                try visitor.send("GET", "/inventory/1").expect(200)
                return visitor
            }
            let visitor = shop.visitor()
            var times: [Duration] = []
            for _ in 0..<101 {
                times.append(
                    try ContinuousClock().measure {
                        try visitor.send("GET", "/inventory/1").expect(200)
                    })
            }
            times.sort()
            print(
                "200 idle connections: median \(times[50].milliseconds) ms,",
                "slowest \(times[100].milliseconds) ms")
            #expect(times[50] < .milliseconds(100), "\(times[50])")
            // They are still there.
            for visitor in idle { try visitor.send("GET", "/inventory/1").expect(200) }
        }

        /// Passwords are hashed a few at a time: the shop goes on selling meanwhile.
        @Test func loginsDoNotStarveTheShop() throws {
            let shop = try SharedShop.shop
            let buyer = try SharedShop.buyers[1]
            let isOver = Atomic(false)
            let times = Mutex<[Duration]>([])
            onThreads(33) { number in
                if number == 32 {
                    defer { isOver.store(true, ordering: .relaxed) }
                    // Until all have come who wait to be hashed.
                    usleep(300_000)
                    for _ in 0..<100 {
                        usleep(10_000)
                        let time = ContinuousClock().measure {
                            let answer = try? buyer.send("GET", "/customers/c2/wallet")
                            #expect(answer?.status == 200)
                        }
                        times.withLock { $0.append(time) }
                    }
                    return
                }
                let body = #"{"username":"c3","password":"a wrong guess"}"#
                let visitor = shop.visitor()
                while !isOver.load(ordering: .relaxed) {
                    let answer = try? visitor.send("POST", "/customers/login", body)
                    #expect(answer.map { [401, 503].contains($0.status) } == true)
                }
            }
            let sorted = times.withLock { $0.sorted() }
            print("32 logging in: another's median \(sorted[50].milliseconds) ms")
            #expect(sorted[50] < .milliseconds(100), "\(sorted)")
        }
    }
}
