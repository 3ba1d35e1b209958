import HTTP
import Storage
import Synchronization
import TestShop
import Testing

/// Many concurrent buyers, each on a thread of its own, on a real file.
@Suite struct ConcurrencyTests {
    /// The number of responses of each kind: `201`, `409 insufficient_stock`.
    final class Tally: Sendable {
        private let counts = Mutex<[String: Int]>([:])

        var all: [String: Int] { counts.withLock { $0 } }

        func count(_ answer: () throws -> Response) {
            let kind: String
            do {
                let response = try answer()
                let code = try response.json["code"]?.text
                kind = "\(response.status.code)" + (code.map { " \($0)" } ?? "")
            } catch {
                kind = "\(error)"
            }
            counts.withLock { $0[kind, default: 0] += 1 }
        }
    }

    /// In each of ten rounds, creates an order of pens and lets threads act on it at the same time.
    ///
    /// `step` is the request of a thread. `check` gets the number of responses of each kind.
    static func race(
        threads: Int, pens: Int, in shop: TestShop,
        _ step: @escaping @Sendable (_ order: Int, _ thread: Int) -> Scenario.Step,
        check: ([String: Int]) throws -> Void
    ) throws {
        for account in ["ada", "sami"] { _ = try shop.token(of: account) }
        for order in 1...10 {
            _ = try shop.send(CreateOrderTests.buy(1, pens))
            let tally = Tally()
            onThreads(threads) { thread in tally.count { try shop.send(step(order, thread)) } }
            try check(tally.all)
        }
    }

    static let names = (0..<64).map { "buyer\($0)" }

    /// A shop with 64 buyers, each with a session.
    static func shop(balance: Int64) throws -> TestShop {
        let shop = try TestShop()
        try shop.addCustomers(names, balance: balance)
        for name in names { _ = try shop.token(of: name) }
        return shop
    }

    @Test func sellsTenPensToSixtyFourBuyersHundredTimes() throws {
        let shop = try ConcurrencyTests.shop(balance: 1_000_000)
        for round in 0..<100 {
            let pens = #"{"name":"pen","category":"paper","price":\#(round),"stock":10}"#
            let product = try shop.send(.post, "/inventory", as: "sami", pens).json["id"]
            let id = Int(product?.integer ?? 0)
            let tally = Tally()
            onThreads(64) { number in
                let step = CreateOrderTests.buy(id, 1, as: ConcurrencyTests.names[number])
                tally.count { try shop.send(step) }
            }
            #expect(tally.all == ["201": 10, "409 insufficient_stock": 54], "round \(round)")
            #expect(try shop.send(.get, "/inventory/\(id)").json["stock"] == 0)
        }
        let sold: Int64 = try shop.value(
            "SELECT SUM(quantity) AS value FROM order_lines WHERE product_id > 2")
        #expect(sold == 1000)
        #expect(try shop.breaches() == [])
    }

    @Test func sellsFromTwoProcessesAtOnce() throws {
        let first = try ConcurrencyTests.shop(balance: 1_000_000)
        let second = try TestShop(beside: first)
        for name in ConcurrencyTests.names { _ = try second.token(of: name) }
        let pens = #"{"delta":90,"reason":"a box"}"#
        _ = try first.send(.post, "/inventory/1/stock", as: "sami", pens)
        let tally = Tally()
        onThreads(64) { number in
            let shop = number % 2 == 0 ? first : second
            let name = ConcurrencyTests.names[number]
            for _ in 0..<5 { tally.count { try shop.send(CreateOrderTests.buy(1, 1, as: name)) } }
        }
        #expect(tally.all == ["201": 100, "409 insufficient_stock": 220])
        for shop in [first, second] {
            #expect(try shop.send(.get, "/inventory/1").json["stock"] == 0)
            #expect(try shop.breaches() == [])
        }
    }

    @Test func spendsOneWalletFromFiftyThreads() throws {
        let shop = try TestShop()
        let pens = #"{"delta":90,"reason":"a box"}"#
        _ = try shop.send(.post, "/inventory/1/stock", as: "sami", pens)
        _ = try shop.send(
            .post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":2000}"#)
        _ = try shop.token(of: "ben")
        let tally = Tally()
        onThreads(50) { _ in tally.count { try shop.send(CreateOrderTests.buy(1, 1, as: "ben")) } }
        // 2,000 cents buy eight pens of 250.
        #expect(tally.all == ["201": 8, "409 insufficient_funds": 42])
        #expect(try shop.send(.get, "/customers/ben/wallet", as: "ben").json["balance"] == 0)
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == 92)
        let lowest: Int64 = try shop.value(
            "SELECT MIN(balance_after) AS value FROM wallet_entries WHERE customer_id = 2")
        #expect(lowest == 0)
        #expect(try shop.breaches() == [])
    }

    @Test func sellsOnceForOneKeyFromThirtyTwoThreads() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "ada")
        let bodies = Mutex<[[UInt8]]>([])
        let replays = Atomic(0)
        onThreads(32) { _ in
            let response = try? shop.send(
                .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#,
                fields: .key("once"))
            #expect(response?.status.code == 201)
            if response?.isReplay == true { replays.add(1, ordering: .relaxed) }
            bodies.withLock { $0.append(response?.body ?? []) }
        }
        #expect(replays.load(ordering: .relaxed) == 31)
        #expect(bodies.withLock { Set($0).count } == 1)
        #expect(try shop.value("SELECT COUNT(*) AS value FROM orders") as Int64 == 1)
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == 9)
        #expect(try shop.breaches() == [])
    }

    /// Orders that name the same products in opposite order neither deadlock nor exceed the stock.
    @Test func sellsManyLinesInEveryOrder() throws {
        let shop = try ConcurrencyTests.shop(balance: 1_000_000)
        let tally = Tally()
        onThreads(64) { number in
            let lines = [1, 2].map { #"{"product_id":\#($0),"quantity":1}"# }
            let items = (number % 2 == 0 ? lines : lines.reversed()).joined(separator: ",")
            let name = ConcurrencyTests.names[number]
            tally.count { try shop.send(.post, "/sales", as: name, #"{"items":[\#(items)]}"#) }
        }
        // Three lamps allow three orders, each with its pens.
        #expect(tally.all == ["201": 3, "409 insufficient_stock": 61])
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == 7)
        #expect(try shop.breaches() == [])
    }

    @Test func countsEveryOrderInTheReport() throws {
        let shop = try TestShop()
        for account in ["ada", "sami"] { _ = try shop.token(of: account) }
        _ = try shop.send(.post, "/inventory/1/stock", as: "sami", #"{"delta":90,"reason":"box"}"#)
        onThreads(16) { number in
            for _ in 0..<5 {
                let sale = try? shop.send(CreateOrderTests.buy(1, number % 3 + 1)).json["id"]?
                    .integer
                guard number % 2 == 0 else { continue }
                _ = try? shop.send(.post, "/sales/\(sale ?? 0)/cancel", as: "ada")
            }
        }
        let day = try shop.send(.get, ReportsTests.daily, as: "sami").json["data"]?[0]
        let orders: Int64 = try shop.value("SELECT COUNT(*) AS value FROM orders")
        #expect(day?["orders"] == .integer(orders) && orders > 16)
        #expect(try shop.breaches() == [])
    }
}
