import HTTP
import Storage
import TestShop
import Testing

/// Runs 1,500 random steps of shipments, refunds and returns in the shop and in a model.
///
/// The model follows each unit: it is in the shop, at the customer, refunded or returned.
@Suite struct ReturnModelTests {
    @Test func agreesWithTheModel() throws {
        let seed = SeededRandom.seed
        var chance = SeededRandom(seed: seed)
        let shop = try TestShop()
        var model = ReturnModel()
        for (path, body) in [
            ("/inventory/1/stock", #"{"delta":9990,"reason":"a lorry"}"#),
            ("/inventory/2/stock", #"{"delta":9997,"reason":"a lorry"}"#),
            ("/customers/ada/wallet/credit", #"{"amount":9900000}"#),
        ] {
            let answer = try shop.send(.post, path, as: "sami", body)
            try #require(answer.status.code == 201, "\(answer.text)")
        }
        try shop.play(1500, seed: seed) { model.next(&chance) }
        for (index, order) in model.orders.enumerated() {
            let shown = try shop.send(.get, "/sales/\(index + 1)", as: "ada").json
            #expect(shown["status"] == .string(order.status), "seed \(seed), order \(index + 1)")
            let lines = shown["items"]?.elements.map {
                [$0["shipped_quantity"], $0["refunded_quantity"], $0["returned_quantity"]]
            }
            #expect(lines == order.lines.map(\.figures), "seed \(seed), order \(index + 1)")
            #expect(
                shown["returns"]?.elements.map { $0["status"] }
                    == order.returns.map { .string($0.status) }, "seed \(seed)")
        }
        for (index, stock) in model.stocks.enumerated() {
            let shown = try shop.send(.get, "/inventory/\(index + 1)").json["stock"]?.integer
            #expect(shown == stock, "seed \(seed)")
        }
        let wallet = try shop.send(.get, "/customers/ada/wallet", as: "ada").json["balance"]
        #expect(wallet == .integer(model.balance), "seed \(seed)")
        let states = model.orders.flatMap(\.returns).map(\.status)
        #expect(Set(states).count == 4, "seed \(seed)")
        #expect(states.count { $0 == "received" } >= 5, "seed \(seed)")
        #expect(try shop.breaches() == [], "seed \(seed)")
    }
}

private struct ReturnModel {
    enum Unit { case inShop, atCustomer, refunded, returned }

    struct Line {
        let product: Int
        var units: [Unit]
        var shipped: Int64 = 0

        func count(_ unit: Unit) -> Int { units.count { $0 == unit } }

        var figures: [JSON?] {
            [
                .integer(shipped), .integer(Int64(count(.refunded) + count(.returned))),
                .integer(Int64(count(.returned))),
            ]
        }

        /// Moves units out of the first of these states that has one.
        mutating func move(_ quantity: Int, from states: [Unit], to state: Unit) {
            for _ in 0..<quantity {
                for from in states {
                    guard let index = units.firstIndex(of: from) else { continue }
                    units[index] = state
                    break
                }
            }
        }
    }

    struct Return {
        var status = "requested"
        let quantities: [Int]
    }

    struct Order {
        var status = "paid"
        var lines: [Line]
        var returns: [Return] = []

        func count(_ unit: Unit) -> Int { lines.reduce(0) { $0 + $1.count(unit) } }

        /// The status after units were shipped or refunded.
        mutating func settle() {
            if count(.inShop) + count(.atCustomer) == 0 {
                status = "refunded"
            } else if status == "paid", count(.inShop) == 0,
                lines.contains(where: { $0.shipped > 0 })
            {
                status = "shipped"
            }
        }

        func returnable(_ line: Int) -> Int {
            let open = returns.filter { ["requested", "approved"].contains($0.status) }
            return lines[line].count(.atCustomer) - open.reduce(0) { $0 + $1.quantities[line] }
        }
    }

    static let prices: [Int64] = [250, 4000]

    var stocks: [Int64] = [10_000, 10_000]
    var balance: Int64 = 10_000_000
    var orders: [Order] = []

    /// A step and its status code.
    mutating func next(_ chance: inout SeededRandom) -> (Scenario.Step, Int) {
        let choice = chance.below(24)
        if choice < 1 || orders.isEmpty { return buy(&chance) }
        // Recent orders are chosen more often.
        let index = max(0, orders.count - 1 - chance.below(6))
        switch choice {
        case 1: return deliver(index)
        case 2: return cancel(index)
        case 3...6: return ship(index, &chance)
        case 7: return refund(index, &chance)
        case 8...12: return request(index, &chance)
        case 13...17: return decide(index, &chance)
        default: return receive(index, &chance)
        }
    }

    private func post(
        _ index: Int, _ action: String, _ quantities: [Int]?, _ rest: String = "",
        as account: String = "sami"
    ) -> Scenario.Step {
        let items = quantities?.indices.filter { quantities?[$0] ?? 0 > 0 }.map {
            #"{"product_id":\#($0 + 1),"quantity":\#(quantities?[$0] ?? 0)}"#
        }
        let list = items.map { #""items":[\#($0.joined(separator: ","))]"# }
        let members = [list, rest.isEmpty ? nil : rest].compactMap { $0 }
        return .init(
            .post, "/sales/\(index + 1)/\(action)", as: account,
            "{\(members.joined(separator: ","))}")
    }

    /// Up to `most` units of each line, of one at least.
    private func some(_ most: Int, _ chance: inout SeededRandom) -> [Int] {
        let picked = [chance.below(most + 1), chance.below(most + 1)]
        return picked == [0, 0] ? [1, 0] : picked
    }

    private mutating func buy(_ chance: inout SeededRandom) -> (Scenario.Step, Int) {
        let quantities = [chance.below(12) + 1, chance.below(8) + 1]
        let items = (0..<2).map { #"{"product_id":\#($0 + 1),"quantity":\#(quantities[$0])}"# }
        for line in 0..<2 {
            stocks[line] -= Int64(quantities[line])
            balance -= Self.prices[line] * Int64(quantities[line])
        }
        orders.append(
            Order(
                lines: (0..<2).map {
                    Line(product: $0, units: Array(repeating: .inShop, count: quantities[$0]))
                }))
        return (
            .init(.post, "/sales", as: "ada", #"{"items":[\#(items.joined(separator: ","))]}"#), 201
        )
    }

    private mutating func deliver(_ index: Int) -> (Scenario.Step, Int) {
        let step = post(index, "deliver", nil)
        guard orders[index].status == "shipped" else { return (step, 409) }
        orders[index].status = "delivered"
        return (step, 200)
    }

    private mutating func cancel(_ index: Int) -> (Scenario.Step, Int) {
        let step = post(index, "cancel", nil, as: "ada")
        guard orders[index].status == "paid", orders[index].lines.allSatisfy({ $0.shipped == 0 })
        else { return (step, 409) }
        for line in 0..<2 {
            giveBack(orders[index].lines[line].count(.inShop), line, restock: true)
            orders[index].lines[line].move(
                orders[index].lines[line].count(.inShop), from: [.inShop], to: .refunded)
        }
        orders[index].status = "cancelled"
        return (step, 200)
    }

    private mutating func ship(_ index: Int, _ chance: inout SeededRandom) -> (Scenario.Step, Int) {
        let isWhole = chance.below(3) == 0
        let left = orders[index].lines.map { $0.count(.inShop) }
        let quantities = isWhole ? left : some(3, &chance)
        let step = post(index, "ship", isWhole ? nil : quantities)
        guard orders[index].status == "paid", zip(quantities, left).allSatisfy({ $0 <= $1 })
        else { return (step, 409) }
        for line in 0..<2 {
            orders[index].lines[line].shipped += Int64(quantities[line])
            orders[index].lines[line].move(quantities[line], from: [.inShop], to: .atCustomer)
        }
        orders[index].settle()
        return (step, 200)
    }

    private mutating func refund(_ index: Int, _ chance: inout SeededRandom) -> (
        Scenario.Step, Int
    ) {
        let (quantities, restock) = (some(2, &chance), chance.below(2) == 0)
        let step = post(index, "refund", quantities, #""restock":\#(restock),"reason":"broken""#)
        guard
            zip(quantities, orders[index].lines).allSatisfy({
                $0 <= $1.count(.inShop) + $1.count(.atCustomer)
            })
        else { return (step, 409) }
        for line in 0..<2 {
            orders[index].lines[line].move(
                quantities[line], from: [.inShop, .atCustomer], to: .refunded)
            giveBack(quantities[line], line, restock: restock)
        }
        orders[index].settle()
        return (step, 200)
    }

    private mutating func request(_ index: Int, _ chance: inout SeededRandom) -> (
        Scenario.Step, Int
    ) {
        let quantities = some(2, &chance)
        let kind = ["return", "withdrawal"][chance.below(2)]
        let step = post(index, "returns", quantities, #""kind":"\#(kind)""#, as: "ada")
        guard (0..<2).allSatisfy({ quantities[$0] <= max(0, orders[index].returnable($0)) })
        else { return (step, 409) }
        orders[index].returns.append(Return(quantities: quantities))
        return (step, 201)
    }

    /// Mostly the first return with a status, and sometimes any.
    private func number(of status: String, in index: Int, _ chance: inout SeededRandom) -> Int {
        let returns = orders[index].returns
        if chance.below(4) > 0, let found = returns.firstIndex(where: { $0.status == status }) {
            return found
        }
        return chance.below(max(1, returns.count))
    }

    private mutating func decide(_ index: Int, _ chance: inout SeededRandom) -> (
        Scenario.Step, Int
    ) {
        let isDeclined = chance.below(4) == 0
        let isLate = isDeclined && chance.below(2) == 0
        let number = number(of: isLate ? "approved" : "requested", in: index, &chance)
        let step = post(
            index, "returns/\(number + 1)/\(isDeclined ? "decline" : "approve")", nil,
            isDeclined ? #""reason":"worn""# : "")
        guard orders[index].returns.indices.contains(number) else { return (step, 404) }
        let status = orders[index].returns[number].status
        guard status == "requested" || isDeclined && status == "approved" else {
            return (step, 409)
        }
        orders[index].returns[number].status = isDeclined ? "declined" : "approved"
        return (step, 200)
    }

    private mutating func receive(_ index: Int, _ chance: inout SeededRandom) -> (
        Scenario.Step, Int
    ) {
        let number = number(of: "approved", in: index, &chance)
        let (isWhole, restock) = (chance.below(2) == 0, chance.below(2) == 0)
        let asked =
            orders[index].returns.indices.contains(number)
            ? orders[index].returns[number].quantities : [1, 0]
        let quantities = isWhole ? asked : some(2, &chance)
        let step = post(
            index, "returns/\(number + 1)/receive", isWhole ? nil : quantities,
            #""restock":\#(restock)"#)
        guard orders[index].returns.indices.contains(number) else { return (step, 404) }
        guard orders[index].returns[number].status == "approved",
            (0..<2).allSatisfy({
                quantities[$0] <= min(asked[$0], orders[index].lines[$0].count(.atCustomer))
            })
        else { return (step, 409) }
        orders[index].returns[number].status = "received"
        for line in 0..<2 {
            orders[index].lines[line].move(quantities[line], from: [.atCustomer], to: .returned)
            giveBack(quantities[line], line, restock: restock)
        }
        orders[index].settle()
        return (step, 200)
    }

    private mutating func giveBack(_ quantity: Int, _ line: Int, restock: Bool) {
        balance += Self.prices[line] * Int64(quantity)
        if restock { stocks[line] += Int64(quantity) }
    }
}
