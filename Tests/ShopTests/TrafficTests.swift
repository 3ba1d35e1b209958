import Foundation
import HTTP
import ShopFixture
import Synchronization
import TestShop
import Testing
import Values

extension ShopTests {
    /// A busy day: customers order, and staff ship, refund and restock, concurrently and for the
    /// same few products.
    @Suite struct TrafficTests {
        /// The number of responses, by operation and status.
        private final class Tally: Sendable {
            private let counts = Mutex<[String: Int]>([:])
            /// The orders so far, oldest first.
            let sales = Mutex<[Int64]>([])
            private let end: ContinuousClock.Instant

            init(seconds: Int) { end = .now + .seconds(seconds) }

            var isOver: Bool { ContinuousClock.now > end }
            var all: [String: Int] { counts.withLock { $0 } }

            func note(_ verb: String, _ answer: HTTPAnswer?) {
                let status = answer.map { "\($0.status)" } ?? "none"
                counts.withLock { $0["\(verb) \(status)", default: 0] += 1 }
            }
        }

        /// For ten seconds, or `SOUK_TESTS_TRAFFIC_SECONDS`.
        @Test func concurrentTrafficKeepsTheBooksCorrect() throws {
            let shop = try SharedShop.shop
            let buyers = try Array(SharedShop.buyers[8..<16])
            let staff = try (0..<6).map { _ in try SharedShop.demo("sami") }
            let products = try (0..<4).map { _ in try SharedShop.product(stock: 50, price: 7) }
            let wanted = ProcessInfo.processInfo.environment["SOUK_TESTS_TRAFFIC_SECONDS"]
            let tally = Tally(seconds: wanted.flatMap { Int($0) } ?? 10)
            onThreads(14) { number in
                var chance = SeededRandom(seed: UInt64(number))
                while !tally.isOver {
                    switch number {
                    case 0..<8: buy(buyers[number], products, &chance, tally)
                    case 8..<12: settle(staff[number - 8], products, &chance, tally)
                    default: restock(staff[number - 8], products, &chance, tally)
                    }
                }
            }
            print(
                "traffic:",
                tally.all.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(
                    separator: ", "))
            let statuses = Set(tally.all.keys.compactMap { $0.split(separator: " ").last })
            #expect(statuses.isSubset(of: ["200", "201", "409"]), "\(tally.all)")
            for verb in ["buy 201", "refund 200", "cancel 200", "ship 200", "restock 201"] {
                #expect(tally.all[verb, default: 0] > 0, "\(verb)")
            }
            let orders = try sqlite(
                shop.home.file("souk.db"),
                """
                SELECT COUNT(DISTINCT order_id) FROM order_lines
                WHERE product_id IN (\(products.map(String.init).joined(separator: ", ")));
                """)
            #expect(orders == "\(tally.all["buy 201", default: 0])\n")
            let check = try shop.souk("check")
            #expect(check.code == 0, "\(check)")
        }

        private func buy(
            _ buyer: Visitor, _ products: [Int64], _ chance: inout SeededRandom, _ tally: Tally
        ) {
            let first = chance.below(products.count)
            let items = [first, (first + 1) % products.count].map {
                #"{"product_id":\#(products[$0]),"quantity":\#(chance.below(3) + 1)}"#
            }
            let answer = try? buyer.send(
                "POST", "/sales", #"{"items":[\#(items.joined(separator: ","))]}"#)
            tally.note("buy", answer)
            guard answer?.status == 201, let id = try? answer?.integer("id") else { return }
            tally.sales.withLock { $0.append(id) }
        }

        /// Ships, delivers, cancels or refunds a recent order, whatever its present status.
        private func settle(
            _ staff: Visitor, _ products: [Int64], _ chance: inout SeededRandom, _ tally: Tally
        ) {
            let known = tally.sales.withLock { $0.suffix(40) }
            guard !known.isEmpty else {
                usleep(1000)
                return
            }
            let sale = known[known.startIndex + chance.below(known.count)]
            let verb = ["refund", "refund", "refund", "cancel", "ship", "deliver"][chance.below(6)]
            var body: String?
            if verb == "refund" {
                let product = products[chance.below(products.count)]
                let item = #""items":[{"product_id":\#(product),"quantity":1}],"#
                let items = chance.below(4) == 0 ? "" : item
                body = #"{\#(items)"restock":true,"reason":"traffic"}"#
            }
            tally.note(verb, try? staff.send("POST", "/sales/\(sale)/\(verb)", body))
        }

        private func restock(
            _ staff: Visitor, _ products: [Int64], _ chance: inout SeededRandom, _ tally: Tally
        ) {
            let product = products[chance.below(products.count)]
            let delta = chance.below(4) == 0 ? -3 : 5
            let answer = try? staff.send(
                "POST", "/inventory/\(product)/stock", #"{"delta":\#(delta),"reason":"traffic"}"#)
            tally.note("restock", answer)
        }
    }
}
