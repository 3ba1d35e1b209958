import Foundation
import HTTP
import ShopFixture
import Synchronization
import TestShop
import Testing

extension ShopTests {
    /// Responders are killed at any moment, and clients retry.
    @Suite struct CrashTests {
        /// The responses of eight clients while responders were killed.
        private final class Ledger: Sendable {
            let isOver = Atomic(false)
            /// The order id of each acknowledged order, by buyer and key.
            let sales = Mutex<[[String: Int64]]>(Array(repeating: [:], count: 8))
            /// Statuses of GET other than 200.
            let failedReads = Mutex<[String]>([])
            let reads = Atomic(0)
            let retries = Atomic(0)
        }

        @Test func noOrderIsLostOrDuplicated() throws {
            let shop = try SharedShop.shop
            let buyers = try Array(SharedShop.buyers.prefix(8))
            let product = try SharedShop.product(stock: 1_000_000, price: 1)
            let ledger = Ledger()
            let customers = Thread {
                onThreads(8) { number in
                    var count = 0
                    while !ledger.isOver.load(ordering: .relaxed) {
                        look(number, count, buyers[number], product, ledger)
                        buy(
                            "\(product)-\(number)-\(count)", number, buyers[number], product, ledger
                        )
                        count += 1
                    }
                }
                ledger.isOver.store(false, ordering: .relaxed)
            }
            customers.start()
            var outages: [Duration] = []
            for round in 0..<12 {
                // Each lives for more than a second, because a shorter life delays its restart.
                usleep(250_000)
                outages.append(try kill(Programs.daemons[round % 4], SIGKILL, in: shop))
            }
            usleep(300_000)
            ledger.isOver.store(true, ordering: .relaxed)
            #expect(eventually(within: 30) { !ledger.isOver.load(ordering: .relaxed) })

            let failedReads = ledger.failedReads.withLock { $0 }
            let acknowledged = ledger.sales.withLock { $0 }
            print(
                "kill -9 twelve times: \(acknowledged.map(\.count).reduce(0, +)) sales,",
                "\(ledger.retries.load(ordering: .relaxed)) tried again,",
                "\(ledger.reads.load(ordering: .relaxed)) reads, \(failedReads.count) of them failed,",
                "a new process within \((outages.max() ?? .zero).milliseconds.rounded()) ms")
            #expect(outages.sorted()[6] < .seconds(1), "\(outages)")
            #expect(failedReads == [])
            var sold = 0
            for (buyer, sales) in zip(buyers, acknowledged) {
                #expect(!sales.isEmpty)
                let listed = try orders(of: buyer, for: product)
                #expect(listed.sorted() == sales.values.sorted())
                sold += sales.count
            }
            try shop.visitor().send("GET", "/inventory/\(product)")
                .expect(200, shows: #"{"stock":\#(1_000_000 - sold)}"#)
            let check = try shop.souk("check")
            #expect(check.code == 0, "\(check)")
        }

        /// Sends a GET to each service in turn, which nginx retries if a responder dies.
        private func look(
            _ number: Int, _ count: Int, _ buyer: Visitor, _ product: Int64, _ ledger: Ledger
        ) {
            let targets = [
                "/customers/c\(number + 1)/wallet", "/inventory/\(product)", "/sales?limit=1",
                "/reviews",
            ]
            let target = targets[count % 4]
            ledger.reads.add(1, ordering: .relaxed)
            do {
                let answer = try buyer.send("GET", target)
                if answer.status != 200 {
                    ledger.failedReads.withLock { $0.append("\(target): \(answer)") }
                }
            } catch {
                ledger.failedReads.withLock { $0.append("\(target): \(error)") }
            }
        }

        /// Sends one order under one key until it is acknowledged.
        private func buy(
            _ key: String, _ number: Int, _ buyer: Visitor, _ product: Int64, _ ledger: Ledger
        ) {
            let order = #"{"items":[{"product_id":\#(product),"quantity":1}]}"#
            let isBought = eventually(within: 30) {
                let answer = try? buyer.send(
                    "POST", "/sales", order, fields: [("Idempotency-Key", key)])
                guard let answer, answer.status == 201, let id = try? answer.integer("id") else {
                    ledger.retries.add(1, ordering: .relaxed)
                    // Retry after every failure except a rejection.
                    #expect(answer.map { [502, 503, 504].contains($0.status) } != false)
                    return false
                }
                ledger.sales.withLock { $0[number][key] = id }
                return true
            }
            #expect(isBought, "\(key) was never acknowledged")
        }

        /// A buyer's orders of one product, by the pages of `GET /sales`.
        private func orders(of buyer: Visitor, for product: Int64) throws -> [Int64] {
            var orders: [Int64] = []
            var target = "/sales?limit=100"
            while true {
                let page = try buyer.send("GET", target).expect(200).json
                for sale in page["data"]?.elements ?? [] {
                    guard sale["items"]?[0]?["product_id"] == .integer(product) else { continue }
                    guard case .integer(let id)? = sale["id"] else { throw Failure("\(sale)") }
                    orders.append(id)
                }
                guard case .string(let next)? = page["next"] else { return orders }
                target = "/sales?limit=100&after=\(next)"
            }
        }

        /// SIGTERM is no crash: a responder finishes its requests, and nginx uses its successor.
        @Test func aStoppedResponderFinishesItsRequests() throws {
            let shop = try SharedShop.shop
            let product = try SharedShop.product(stock: 1)
            let failures = Mutex<[String]>([])
            let isOver = Atomic(0)
            let reads = Atomic(0)
            let readers = Thread {
                onThreads(8) { _ in
                    let visitor = shop.visitor()
                    while isOver.load(ordering: .relaxed) == 0 {
                        reads.add(1, ordering: .relaxed)
                        let answer = try? visitor.send("GET", "/inventory/\(product)")
                        if answer?.status != 200 {
                            failures.withLock { $0.append("\(String(describing: answer))") }
                        }
                    }
                }
                isOver.store(2, ordering: .relaxed)
            }
            readers.start()
            for _ in 0..<3 {
                // nginx keeps the connections of a retry for a second, and retries only once.
                usleep(1_300_000)
                _ = try kill("inventoryd", SIGTERM, in: shop)
            }
            usleep(200_000)
            isOver.store(1, ordering: .relaxed)
            #expect(eventually(within: 30) { isOver.load(ordering: .relaxed) == 2 })
            let failed = failures.withLock { $0 }
            print(
                "SIGTERM three times: \(reads.load(ordering: .relaxed)) reads, \(failed.count) failed"
            )
            #expect(failed == [])
            #expect(reads.load(ordering: .relaxed) > 100)
            #expect(shop.said.contains("inventoryd died (exit status 0)"))
            #expect(try shop.home.text(of: "log/inventoryd.log").contains("<6>stopping"))
        }

        /// Twelve logins are hashed two at a time, so most wait when the signal arrives.
        @Test func loginsInFlightAreAnswered() throws {
            let shop = try SharedShop.shop
            let before = try shop.process(of: "customersd")
            let statuses = Mutex<[Int?]>([])
            onThreads(13) { number in
                if number == 12 {
                    usleep(60_000)
                    Foundation.kill(before, SIGTERM)
                    return
                }
                let visitor = shop.visitor()
                let body = #"{"username":"ada","password":"a wrong guess"}"#
                let answer = try? visitor.send("POST", "/customers/login", body)
                statuses.withLock { $0.append(answer?.status) }
            }
            #expect(statuses.withLock { $0 } == Array(repeating: 401, count: 12))
            #expect(try eventually(within: 30) { try shop.process(of: "customersd") != before })
        }

        /// Signals a responder and waits for the pid file of the next one.
        ///
        /// - Returns: the duration.
        private func kill(_ program: String, _ signal: Int32, in shop: RunningShop) throws
            -> Duration
        {
            let before = try shop.process(of: program)
            return try ContinuousClock().measure {
                Foundation.kill(before, signal)
                let isBack = try eventually(within: 30) { try shop.process(of: program) != before }
                #expect(isBack, "\(program) is not started again")
            }
        }
    }
}
