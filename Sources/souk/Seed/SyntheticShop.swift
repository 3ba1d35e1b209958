import Customers
import Inventory
import Sales
import Seeds
import Storage
import Values

/// Creates rows in batches of 50,000, each in one transaction.
struct SyntheticShop {
    let store: any Engine
    let currency: String
    /// The number of rows to add, and the number added so far, for the progress bar.
    let all: Int64
    private var done: Int64 = 0

    /// Prepares to add `all` rows to a shop.
    init(store: any Engine, currency: String, all: Int64) {
        self.store = store
        self.currency = currency
        self.all = all
    }

    /// Rows in one batch: about 100 MiB of WAL for orders, and one to two seconds.
    private static let batch: Int64 = 50_000

    /// Returns the account that receives the synthetic stock, created if necessary.
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

    /// Adds customers, numbered from the last one on.
    ///
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

    /// The number of customers from earlier runs: c1, c2 … without a gap.
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

    /// Adds products with a thousand units each.
    ///
    /// - Returns: their ids.
    mutating func addProducts(_ count: Int64, by actor: Int64) throws -> ClosedRange<Int64>? {
        try inBatches(of: count) { numbers, tx in
            try addSeedProducts(
                Int64(numbers.count), from: 1 + numbers.lowerBound, stock: 1000, by: actor,
                at: .now(), in: tx)
        }
    }

    /// Adds orders of one to three lines.
    ///
    /// - Throws: `Failure` if the customers' money or the stock is too small.
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
            throw Failure(description: "The stock is too small: give more --products.")
        } catch StoreError.constraint("customers_balance") {
            throw Failure(description: "The wallets are too small: give more --customers.")
        }
    }

    /// Splits 0..<count into batches, each in its own transaction.
    ///
    /// - Returns: the ids of the added rows.
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
