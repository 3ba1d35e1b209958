import Customers
import Inventory
import Sales
import Service
import Storage
import StorageSQLite

/// Makes rows by the thousand through the slices' own operations, in transactions of a thousand.
struct SyntheticShop {
    let store: SQLiteStore
    let currency: String

    private static let batch: Int64 = 1000
    private static let nouns = [
        "pen", "lamp", "mug", "rug", "bowl", "box", "chair", "scarf", "clock", "tray",
    ]
    private static let manners = [
        "brass", "glass", "oak", "linen", "copper", "clay", "wool", "silver",
    ]

    /// Whoever receives the synthetic stock.
    func stockist() throws -> Int64 {
        let name = "stockist"
        let known = try store.read { try customerID(of: name, in: $0) }
        if let known { return known }
        let hash = try hashedSeedPassword()
        return try store.write { tx in
            try addSeedCustomer(
                name, passwordHash: hash, balance: .zero, role: .staff, at: .now(), in: tx)
        }
    }

    /// Customers whose names go on from the last one's.
    /// - Returns: their ids.
    func addCustomers(_ count: Int64) throws -> [Caller] {
        let hash = try hashedSeedPassword()
        let known = try knownCustomers()
        return try inBatches(of: count) { range, tx in
            try range.map { number in
                let name = "c\(known + number)"
                let id = try addSeedCustomer(
                    name, passwordHash: hash, balance: Money(minorUnits: 100_000_000),
                    role: .customer, at: .now(),
                    in: tx)
                return Caller(id: id, username: name, role: .customer, session: 0)
            }
        }
    }

    /// How many are there from earlier runs: c1, c2 … without a gap.
    private func knownCustomers() throws -> Int64 {
        try store.read { tx in
            var count: Int64 = 0
            while try customerID(of: "c\(count + 1)", in: tx) != nil { count += 1 }
            return count
        }
    }

    /// Products with a thousand pieces each.
    /// - Returns: their ids.
    func addProducts(_ count: Int64, by actor: Int64) throws -> [Int64] {
        try inBatches(of: count) { range, tx in
            try range.map { number in
                let noun = Self.nouns[Int(number) % Self.nouns.count]
                let manner = Self.manners[Int(number / 10) % Self.manners.count]
                let details = ProductDetails(
                    name: "\(manner) \(noun) \(number)", category: "\(noun)s",
                    price: Money(minorUnits: 100 + number * 7919 % 900),
                    description:
                        "A \(noun) of \(manner), one of a kind but for its number, which is \(number)."
                )
                return try createProduct(
                    details, stock: 1000, by: actor, at: .now(), in: tx, currency: currency
                ).id
            }
        }
    }

    /// Orders of one to three lines, spread evenly over people and goods.
    func addOrders(_ count: Int64, by people: [Caller], of goods: [Int64]) throws {
        _ = try inBatches(of: count) { range, tx in
            for number in range {
                let buyer = people[Int(number) % people.count]
                let lines = min(1 + Int(number) % 3, goods.count)
                let products = (0..<lines).map { goods[(Int(number) * 7 + $0) % goods.count] }
                try sell(one: products, to: buyer, at: .now(), in: tx, currency: currency)
            }
            return [Int64]()
        }
    }

    /// 1…count in transactions of a thousand.
    private func inBatches<T: Sendable>(
        of count: Int64, _ body: @Sendable (ClosedRange<Int64>, any Transaction) throws -> [T]
    ) throws -> [T] {
        var made: [T] = []
        for first in stride(from: 1, through: count, by: Int64.Stride(Self.batch)) {
            made += try store.write { tx in try body(first...min(first + Self.batch - 1, count), tx)
            }
        }
        return made
    }
}
