import HTTP
import Storage
import TestShop
import Testing

/// Runs 3,000 random steps of orders in the shop and in a model.
///
/// Orders are created, shipped, delivered, cancelled and refunded in parts of any size.
@Suite struct OrderModelTests {
    @Test func agreesWithTheModel() throws {
        let seed = SeededRandom.seed
        var chance = SeededRandom(seed: seed)
        let shop = try TestShop()
        var model = OrderModel()
        for (path, body) in [
            ("/inventory/1/stock", #"{"delta":99990,"reason":"a lorry"}"#),
            ("/inventory/2/stock", #"{"delta":99997,"reason":"a lorry"}"#),
            ("/customers/ben/wallet/credit", #"{"amount":100000}"#),
        ] {
            let answer = try shop.send(.post, path, as: "sami", body)
            try #require(answer.status.code == 201, "\(answer.text)")
        }
        try shop.play(3000, seed: seed) {
            model.next(&chance)
        } note: { answer in
            guard answer.status.code == 201 else { return }
            // Orders that were rejected may have used up ids.
            model.orders[model.orders.count - 1].id = try answer.json["id"]?.integer ?? 0
        }
        let orders = try shop.store.read { tx in
            try tx.all("SELECT status, refunded FROM orders ORDER BY id") {
                "\(try $0["status"] as String) \(try $0["refunded"] as Int64)"
            }
        }
        #expect(orders == model.orders.map { "\($0.status) \($0.refunded)" }, "seed \(seed)")
        for (index, stock) in model.stocks.enumerated() {
            let shown = try shop.send(.get, "/inventory/\(index + 1)").json["stock"]?.integer
            #expect(shown == stock, "seed \(seed)")
        }
        for (name, balance) in zip(OrderModel.names, model.balances) {
            let wallet = try shop.send(.get, "/customers/\(name)/wallet", as: name)
            #expect(try wallet.json["balance"]?.integer == balance, "seed \(seed)")
        }
        #expect(Set(model.orders.map(\.status)).count == 5, "seed \(seed)")
        #expect(try shop.breaches() == [], "seed \(seed)")
    }
}

private struct OrderModel {
    struct Line {
        let product: Int
        let quantity: Int64
        var refunded: Int64 = 0

        var left: Int64 { quantity - refunded }
    }

    struct Order {
        var id: Int64 = 0
        let buyer: Int
        var status = "paid"
        var lines: [Line]
        var refunded: Int64 = 0
    }

    static let names = ["ada", "ben"]
    static let prices: [Int64] = [250, 4000]

    var stocks: [Int64] = [100_000, 100_000]
    var balances: [Int64] = [100_000, 100_000]
    var orders: [Order] = []

    /// A step and its status code.
    mutating func next(_ chance: inout SeededRandom) -> (Scenario.Step, Int) {
        let choice = chance.below(12)
        if choice < 4 || orders.isEmpty { return buy(&chance) }
        // Recent orders are chosen more often, and sometimes one that does not exist.
        let index = max(0, orders.count - chance.below(12))
        let target = "/sales/\(orders.indices.contains(index) ? orders[index].id : 1_000_000)"
        switch choice {
        case 4: return (.init(.post, "\(target)/ship", as: "sami"), step(index, "paid", "shipped"))
        case 5:
            let expected = step(index, "shipped", "delivered")
            return (.init(.post, "\(target)/deliver", as: "adil"), expected)
        case 6: return cancel(index, by: chance.below(3), target)
        default: return refund(index, &chance, target)
        }
    }

    private mutating func buy(_ chance: inout SeededRandom) -> (Scenario.Step, Int) {
        let buyer = chance.below(2)
        var lines = [Line(product: chance.below(2), quantity: Int64(chance.below(5) + 1))]
        if chance.below(2) == 0 {
            lines.append(
                Line(product: 1 - lines[0].product, quantity: Int64(chance.below(3) + 1)))
        }
        let items = lines.map {
            #"{"product_id":\#($0.product + 1),"quantity":\#($0.quantity)}"#
        }
        let step = Scenario.Step(
            .post, "/sales", as: Self.names[buyer],
            #"{"items":[\#(items.joined(separator: ","))]}"#)
        let total = lines.reduce(0) { $0 + Self.prices[$1.product] * $1.quantity }
        guard balances[buyer] >= total else { return (step, 409) }
        balances[buyer] -= total
        for line in lines { stocks[line.product] -= line.quantity }
        orders.append(Order(buyer: buyer, lines: lines))
        return (step, 201)
    }

    private mutating func step(_ index: Int, _ from: String, _ to: String) -> Int {
        guard orders.indices.contains(index) else { return 404 }
        guard orders[index].status == from else { return 409 }
        orders[index].status = to
        return 200
    }

    private mutating func cancel(_ index: Int, by number: Int, _ target: String) -> (
        Scenario.Step, Int
    ) {
        let account = (Self.names + ["sami"])[number]
        let step = Scenario.Step(.post, "\(target)/cancel", as: account)
        guard orders.indices.contains(index), number == 2 || orders[index].buyer == number else {
            return (step, 404)
        }
        guard orders[index].status == "paid" else { return (step, 409) }
        for line in orders[index].lines.indices {
            giveBack(orders[index].lines[line].left, line, of: index, restock: true)
        }
        orders[index].status = "cancelled"
        return (step, 200)
    }

    private mutating func refund(_ index: Int, _ chance: inout SeededRandom, _ target: String) -> (
        Scenario.Step, Int
    ) {
        let restock = chance.below(2) == 0
        let whole = chance.below(4) == 0
        var asked: [(line: Int, quantity: Int64)] = []
        var items: [String] = []
        let lines = orders.indices.contains(index) ? orders[index].lines : []
        for line in lines.indices.reversed() where asked.isEmpty || chance.below(2) == 0 {
            let quantity = whole ? lines[line].left : Int64(chance.below(3) + 1)
            asked.append((line, quantity))
            items.append(
                #"{"product_id":\#(lines[line].product + 1),"quantity":\#(quantity)}"#)
        }
        if whole { asked = lines.indices.map { ($0, lines[$0].left) } }
        let list = whole || items.isEmpty ? "" : #""items":[\#(items.joined(separator: ","))],"#
        let step = Scenario.Step(
            .post, "\(target)/refund", as: "sami",
            #"{\#(list)"restock":\#(restock),"reason":"broken"}"#)
        guard orders.indices.contains(index) else { return (step, 404) }
        guard asked.allSatisfy({ $0.quantity <= lines[$0.line].left }),
            asked.contains(where: { $0.quantity > 0 })
        else { return (step, 409) }
        for item in asked { giveBack(item.quantity, item.line, of: index, restock: restock) }
        if orders[index].lines.allSatisfy({ $0.left == 0 }) { orders[index].status = "refunded" }
        return (step, 200)
    }

    private mutating func giveBack(_ quantity: Int64, _ line: Int, of index: Int, restock: Bool) {
        let product = orders[index].lines[line].product
        orders[index].lines[line].refunded += quantity
        orders[index].refunded += Self.prices[product] * quantity
        balances[orders[index].buyer] += Self.prices[product] * quantity
        if restock { stocks[product] += quantity }
    }
}
