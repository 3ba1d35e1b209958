import Glibc
public import Storage
public import Values

/// What an import did.
public struct ImportResult: Sendable, Equatable {
    /// Products that were not there before.
    public var created: Int
    /// Products that were there, known by their SKU or id, and have changed.
    public var updated: Int
    /// Products that were as the file says.
    public var unchanged: Int
    /// Products that were there and kept their stock though the file has another.
    public var keptStock: Int

    /// A result with its counts.
    public init(created: Int = 0, updated: Int = 0, unchanged: Int = 0, keptStock: Int = 0) {
        self.created = created
        self.updated = updated
        self.unchanged = unchanged
        self.keptStock = keptStock
    }
}

/// Everything that is wrong with a file, of which nothing was imported.
public struct ImportFaults: Error, CustomStringConvertible {
    /// In the order of their lines.
    public let faults: [CSVFault]

    /// More faults than this are not reported.
    static let countMax = 1000

    init(faults: [CSVFault]) {
        self.faults = faults
    }

    init(line: Int, _ messages: [String]) {
        faults = messages.map { CSVFault(line: line, message: $0) }
    }

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
    /// Whether the stock of known products becomes that of the file.
    public var setsStock: Bool
    /// The encoding of a file without a byte order mark, as iconv(3) names it; nil: UTF-8.
    public var encoding: String?

    /// Rules; the strictest by default.
    public init(
        renames: Bool = false, batch: Int? = nil, setsStock: Bool = false, encoding: String? = nil
    ) {
        self.renames = renames
        self.batch = batch
        self.setsStock = setsStock
        self.encoding = encoding
    }
}

/// Creates or updates products from a file with a header, all of it or nothing.
///
/// The columns are those of `ImportColumn`. A product is known by its SKU. In a line without a SKU
/// the id counts: of a product on sale that has no SKU, or of no product at all, which is then
/// created under that id. An empty field of an optional column empties it; a column that is not
/// there leaves it as it is.
///
/// A new product gets its stock from the file. A known product keeps its stock, because pieces may
/// have been sold since the file was made. With `rules.setsStock` it gets that of the file, unless
/// the file says that it was exported and the stock is not what it was at the export: then the line
/// is refused. A stock that the file has not changed since the export stays in any case.
///
/// The file is read, and compared with the shop, before the transaction; lines that change nothing
/// are left out. So other writers wait only while new values are written, or one batch of them.
/// Batches that are committed stay if the shop changes meanwhile so that a later one is refused.
/// - Parameters:
/// - file: separated values in UTF-8, UTF-16 with a byte order mark, or `rules.encoding`.
/// - source: the name of the file, which stock movements give as their reason.
/// - actor: the id of the account that is entered in the stock ledger.
/// - end: `.rollback` finds out what would be done, and writes nothing.
/// - progress: told now and then how many of how many products are done.
/// - Throws: `ImportFaults` with every fault.
public func importProducts(
    _ file: [UInt8], named source: String, by actor: Int64, at now: Instant, on store: some Store,
    currency: String,
    rules: ImportRules = ImportRules(), end: TransactionEnd,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
) throws -> ImportResult {
    let products = try readProducts(file, encoding: rules.encoding, currency: currency)
    let productImport = ProductImport(
        source: source, actor: actor, now: now, currency: currency, rules: rules)
    let (changes, keptStock) = try store.read { try productImport.changes(products, in: $0) }
    var result = ImportResult(unchanged: products.count - changes.count, keptStock: keptStock)
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
            try productImport.write(batch, in: tx) { progress(before + $0, products.count) }
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
