import Customers
import Inventory
import Sales
import Seeds
import Storage
import StorageSQLite
import Values

/// Makes rows by the ten thousand, each batch whole or not at all.
struct SyntheticShop {
    let store: SQLiteStore
    let currency: String
    /// How many rows are to be added, and how many have been, for the bar.
    let all: Int64
    private var done: Int64 = 0

    /// A shop to which `all` rows will be added.
    init(store: SQLiteStore, currency: String, all: Int64) {
        self.store = store
        self.currency = currency
        self.all = all
    }

    /// Some 100 MiB of log for orders, and a second or two.
    private static let batch: Int64 = 50_000

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
    mutating func addCustomers(_ count: Int64) throws -> ClosedRange<Int64>? {
        let hash = try hashedSeedPassword()
        let known = try knownCustomers()
        return try inBatches(of: count) { numbers, tx in
            try addSeedCustomers(
                Int64(numbers.count), from: known + 1 + numbers.lowerBound, passwordHash: hash,
                balance: Money(minorUnits: 100_000_000), at: .now(), in: tx)
        }
    }

    /// How many are there from earlier runs: c1, c2 … without a gap.
    private func knownCustomers() throws -> Int64 {
        try store.read { tx in
            func isKnown(_ number: Int64) throws -> Bool {
                try customerID(of: "c\(number)", in: tx) != nil
            }
            var unknown: Int64 = 1
            while try isKnown(unknown) { unknown *= 2 }
            var known = unknown / 2
            while unknown - known > 1 {
                let middle = (known + unknown) / 2
                if try isKnown(middle) { known = middle } else { unknown = middle }
            }
            return known
        }
    }

    /// Products with a thousand pieces each.
    /// - Returns: their ids.
    mutating func addProducts(_ count: Int64, by actor: Int64) throws -> ClosedRange<Int64>? {
        try inBatches(of: count) { numbers, tx in
            try addSeedProducts(
                Int64(numbers.count), from: 1 + numbers.lowerBound, stock: 1000, by: actor,
                at: .now(), in: tx)
        }
    }

    /// Orders of one to three lines.
    /// - Throws: `Failure` where they are more than money and goods are there for.
    mutating func addOrders(
        _ count: Int64, by people: ClosedRange<Int64>, of goods: ClosedRange<Int64>
    ) throws {
        let orders = SeedOrders(count, by: people, of: goods, until: .now(), currency: currency)
        do {
            _ = try inBatches(of: count) { numbers, tx in
                try orders.add(numbers, in: tx)
                return nil
            }
        } catch StoreError.constraint("products_stock") {
            throw Failure(description: "The shelves hold less than that: give more --products.")
        } catch StoreError.constraint("customers_balance") {
            throw Failure(description: "The wallets hold less than that: give more --customers.")
        }
    }

    /// 0..<count, a transaction for each part.
    /// - Returns: the ids that the parts have been given.
    private mutating func inBatches(
        of count: Int64,
        _ body: @Sendable (Range<Int64>, any Transaction) throws -> ClosedRange<Int64>?
    ) throws -> ClosedRange<Int64>? {
        var made: ClosedRange<Int64>?
        for first in stride(from: 0, to: count, by: Int64.Stride(Self.batch)) {
            let numbers = first..<min(first + Self.batch, count)
            if let ids = try store.write({ try body(numbers, $0) }) {
                guard made.map({ $0.upperBound + 1 == ids.lowerBound }) ?? true else {
                    throw Failure(
                        description: "Another process added to the shop at the same time.")
                }
                made = (made?.lowerBound ?? ids.lowerBound)...ids.upperBound
            }
            done += Int64(numbers.count)
            showProgress(Int(done), Int(all))
        }
        return made
    }
}
