import Glibc
public import Storage

/// What an import did.
public struct ImportResult: Sendable, Equatable {
    /// Products that were not there before.
    public var created: Int
    /// Products that were there, known by their SKU or id, and have changed.
    public var updated: Int
    /// Products that were as the file says.
    public var unchanged: Int

    /// A result with its counts.
    public init(created: Int = 0, updated: Int = 0, unchanged: Int = 0) {
        self.created = created
        self.updated = updated
        self.unchanged = unchanged
    }
}

/// Everything that is wrong with a file; nothing of it was taken.
public struct ImportFaults: Error, CustomStringConvertible {
    /// In the order of their lines.
    public let faults: [CSVFault]

    /// More than this nobody reads.
    static let countMax = 1000

    /// A line each.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// How far an import may go.
public struct ImportRules: Sendable {
    /// Whether a line that goes by its id may give the product another name.
    ///
    /// By the name a file is told that was made for another shop, where the id is another product's.
    public var renames: Bool
    /// How many products go into one transaction; nil: all of the file.
    public var batch: Int?

    /// Rules; the strictest unless told otherwise.
    public init(renames: Bool = false, batch: Int? = nil) {
        self.renames = renames
        self.batch = batch
    }
}

/// Creates or updates products from a file with a header, all of it or nothing.
///
/// Columns: sku, name, category and price; also id, stock, low_stock and description. A product is
/// known by its SKU. Where the file gives none the id counts: of a product on sale that has no SKU,
/// or of none at all, which is then made under that id. An empty field of an optional column
/// empties it; a column that is not there leaves it as it is. A stock that differs is a movement
/// like any other.
///
/// The file is read, and compared with the shop, before the transaction; what changes nothing is
/// left alone. So others wait for no longer than what is new takes to write, or a batch of it: then
/// they get their turn, and what was written stays even if the shop has changed meanwhile so that
/// the rest cannot be.
/// - Parameters:
/// - file: CSV in UTF-8.
/// - actor: the id of whoever is entered in the stock ledger.
/// - end: `.rollback` finds out what would be done, and writes nothing.
/// - progress: told now and then how many of how many products are done.
/// - Throws: `ImportFaults` with every fault.
public func importProducts(
    _ file: [UInt8], by actor: Int64, at now: Instant, on store: some Store, currency: String,
    rules: ImportRules = ImportRules(), end: TransactionEnd,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
) throws -> ImportResult {
    let products = try readProducts(file)
    let shelf = Shelf(actor: actor, now: now, currency: currency, renames: rules.renames)
    let changes = try store.read { try shelf.changes(products, in: $0) }
    var result = ImportResult(unchanged: products.count - changes.count)
    guard end == .commit else {
        result.created = changes.count { $0.isNew }
        result.updated = changes.count - result.created
        return result
    }
    progress(result.unchanged, products.count)
    var done = result.unchanged
    for batch in changes.map(\.line).parts(of: rules.batch ?? changes.count) {
        if done > result.unchanged { usleep(pauseUs) }
        let before = done
        let created = try store.write { tx in
            try shelf.take(batch, in: tx) { progress(before + $0, products.count) }
        }
        done += batch.count
        result.created += created
        result.updated += batch.count - created
    }
    return result
}

/// Between two batches, for whoever waits: they look every millisecond, and then commit.
private let pauseUs: UInt32 = 20_000

extension Array {
    fileprivate func parts(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: Swift.max(1, count)).map {
            self[$0..<Swift.min($0 + count, self.count)]
        }
    }
}
