import HTTP
import Storage
import TestShop
import Testing

/// Runs 4,000 random operations in the shop and in a model, and compares them.
@Suite struct ModelTests {
    @Test func agreesWithTheModel() throws {
        let seed = SeededRandom.seed
        var chance = SeededRandom(seed: seed)
        let shop = try TestShop()
        var model = Model()
        for number in 0..<4000 {
            shop.clock.pass(seconds: 1)
            if number % 300 == 0 { shop.forgetTokens() }
            let operation = Operation.by(&chance, model)
            let response = try shop.send(operation.step)
            let expected = model.play(operation)
            try #require(
                "\(response.status.code)" == expected,
                "seed \(seed), operation \(number): \(operation), \(response.text)")
        }
        let products = try shop.store.read { tx in
            try tx.all("SELECT id, stock, price FROM products ORDER BY id") {
                Model.Product(id: try $0["id"], price: try $0["price"], stock: try $0["stock"])
            }
        }
        let balances: [Int64] = try shop.store.read { tx in
            try tx.all("SELECT balance FROM customers ORDER BY id LIMIT 2") { try $0["balance"] }
        }
        #expect(products == model.products, "seed \(seed)")
        #expect(balances == model.balances, "seed \(seed)")
        let spent: Int64 = try shop.value(
            "SELECT COALESCE(SUM(total), 0) AS value FROM orders")
        #expect(spent == model.spent, "seed \(seed)")
        #expect(spent > 0, "seed \(seed)")
        #expect(try shop.breaches() == [], "seed \(seed)")
    }
}

/// The operations in a shop with two customers.
enum Operation {
    case create(price: Int64, stock: Int64)
    case price(product: Int, Int64)
    case archive(product: Int)
    case adjust(product: Int, Int64)
    case credit(customer: Int, Int64)
    case debit(customer: Int, Int64)
    case sell(customer: Int, lines: [(product: Int, quantity: Int64)], dry: Bool)

    static let customers = ["ada", "ben"]

    /// Products are numbered from 0; one number is too large on purpose.
    static func by(_ chance: inout SeededRandom, _ model: Model) -> Operation {
        let product = chance.below(model.products.count + 1)
        let customer = chance.below(2)
        switch chance.below(20) {
        case 0: return .create(price: Int64(chance.below(3) * 700), stock: Int64(chance.below(9)))
        case 1, 2: return .price(product: product, Int64(chance.below(2000)))
        case 3 where chance.below(4) == 0: return .archive(product: product)
        case 4...7: return .adjust(product: product, Int64(chance.below(2) * 15) - 5)
        case 8, 9: return .credit(customer: customer, Int64(chance.below(20_000) + 1))
        case 10: return .debit(customer: customer, Int64(chance.below(30_000) + 1))
        default:
            let count = chance.below(3) + 1
            let start = chance.below(max(1, model.products.count))
            let lines = (0..<count).map { (product: start + $0, Int64(chance.below(6) + 1)) }
            return .sell(
                customer: customer, lines: chance.below(2) == 0 ? lines : lines.reversed(),
                dry: chance.below(8) == 0)
        }
    }

    var step: Scenario.Step {
        switch self {
        case .create(let price, let stock):
            return .init(
                .post, "/inventory", as: "sami",
                #"{"name":"p","category":"c","price":\#(price),"stock":\#(stock)}"#)
        case .price(let product, let price):
            return .init(
                .patch, "/inventory/\(product + 1)", as: "sami", #"{"price":\#(price)}"#)
        case .archive(let product): return .init(.delete, "/inventory/\(product + 1)", as: "sami")
        case .adjust(let product, let delta):
            return .init(
                .post, "/inventory/\(product + 1)/stock", as: "sami",
                #"{"delta":\#(delta),"reason":"count"}"#)
        case .credit(let customer, let amount): return move("credit", customer, amount)
        case .debit(let customer, let amount): return move("debit", customer, amount)
        case .sell(let customer, let lines, let dry):
            let items = lines.map {
                #"{"product_id":\#($0.product + 1),"quantity":\#($0.quantity)}"#
            }
            return .init(
                .post, dry ? "/sales?dry_run=true" : "/sales", as: Operation.customers[customer],
                #"{"items":[\#(items.joined(separator: ","))]}"#)
        }
    }

    private func move(_ verb: String, _ customer: Int, _ amount: Int64) -> Scenario.Step {
        .init(
            .post, "/customers/\(Operation.customers[customer])/wallet/\(verb)", as: "sami",
            #"{"amount":\#(amount)}"#)
    }
}

/// The shop as arrays of numbers.
struct Model {
    struct Product: Equatable {
        let id: Int64
        var price: Int64
        var stock: Int64
    }

    var products = [
        Product(id: 1, price: 250, stock: 10), Product(id: 2, price: 4000, stock: 3),
    ]
    var archived: Set<Int> = []
    var balances: [Int64] = [100_000, 0]
    var spent: Int64 = 0

    /// Applies the operation and returns the expected status code.
    mutating func play(_ operation: Operation) -> String {
        switch operation {
        case .create(let price, let stock):
            products.append(Product(id: Int64(products.count + 1), price: price, stock: stock))
            return "201"
        case .price(let product, let price):
            guard isOnSale(product) else { return gone(product) }
            products[product].price = price
            return "200"
        case .archive(let product):
            guard isOnSale(product) else { return "404" }
            archived.insert(product)
            return "204"
        case .adjust(let product, let delta):
            guard isOnSale(product) else { return gone(product) }
            guard products[product].stock + delta >= 0 else { return "409" }
            products[product].stock += delta
            return "201"
        case .credit(let customer, let amount):
            balances[customer] += amount
            return "201"
        case .debit(let customer, let amount):
            guard balances[customer] >= amount else { return "409" }
            balances[customer] -= amount
            return "201"
        case .sell(let customer, let lines, let dry): return sell(lines, to: customer, dry)
        }
    }

    private func isOnSale(_ product: Int) -> Bool {
        product < products.count && !archived.contains(product)
    }

    /// A change of an archived product conflicts with its state.
    private func gone(_ product: Int) -> String {
        archived.contains(product) ? "409" : "404"
    }

    private mutating func sell(
        _ lines: [(product: Int, quantity: Int64)], to customer: Int, _ dry: Bool
    ) -> String {
        guard lines.allSatisfy({ isOnSale($0.product) }) else { return "404" }
        let total = lines.reduce(0) { $0 + products[$1.product].price * $1.quantity }
        guard lines.allSatisfy({ products[$0.product].stock >= $0.quantity }),
            balances[customer] >= total
        else { return "409" }
        if dry { return "201" }
        for line in lines { products[line.product].stock -= line.quantity }
        balances[customer] -= total
        spent += total
        return "201"
    }
}
