import Glibc
public import Storage
public import Values

/// The result of an import.
public struct ImportResult: Sendable, Equatable {
    /// The number of products that were created.
    public var created: Int
    /// The number of products that were found by SKU or id, and changed.
    public var updated: Int
    /// The number of products that already had the values of the file.
    public var unchanged: Int
    /// The number of known products that kept their stock although the file has another one.
    public var keptStock: Int

    /// Creates a result.
    public init(created: Int = 0, updated: Int = 0, unchanged: Int = 0, keptStock: Int = 0) {
        self.created = created
        self.updated = updated
        self.unchanged = unchanged
        self.keptStock = keptStock
    }
}

/// All faults of a file, of which nothing was imported.
public struct ImportFaults: Error, CustomStringConvertible {
    /// The faults, in the order of their lines.
    public let faults: [CSVFault]

    /// The most faults that are reported.
    static let countMax = 1000

    init(faults: [CSVFault]) {
        self.faults = faults
    }

    init(line: Int, _ messages: [String]) {
        faults = messages.map { CSVFault(line: line, message: $0) }
    }

    /// One line for each fault.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// What an import may change.
public struct ImportRules: Sendable {
    /// Whether a line that names its product by id may rename it.
    ///
    /// A different name may mean that the file is from another shop, where the id is another
    /// product's.
    public var renames: Bool
    /// How many products one transaction writes; nil: all products of the file.
    public var batch: Int?
    /// Whether known products get the stock of the file.
    public var setsStock: Bool
    /// The encoding of a file without a byte order mark, with its name in iconv(3); nil: UTF-8.
    public var encoding: String?

    /// Creates rules, by default the strictest ones.
    public init(
        renames: Bool = false, batch: Int? = nil, setsStock: Bool = false, encoding: String? = nil
    ) {
        self.renames = renames
        self.batch = batch
        self.setsStock = setsStock
        self.encoding = encoding
    }
}

/// Creates or updates products from a file with a header.
///
/// The columns are those of `ImportColumn`. A SKU identifies its product. In a line without a SKU,
/// the id counts. It is the id of a product on sale without a SKU, or an unused one, under which
/// the product is created. An empty field of an optional column removes the value; a missing column
/// leaves it unchanged.
///
/// A new product gets its stock from the file. A known product keeps its stock, because units may
/// have been sold since the file was made. With `rules.setsStock` it gets the stock of the file. If
/// the stock has changed since the export, such a line is rejected. A stock that was not edited
/// since the export stays in any case.
///
/// The file is read and compared with the shop before the transaction, and lines that change
/// nothing are left out. So other writers wait only while new values, or one batch of them, are
/// written. If a change in the shop makes a later batch fail, the committed batches stay.
///
/// `file` contains separated values in UTF-8, in UTF-16 with a byte order mark, or in
/// `rules.encoding`. Stock movements give `source`, the name of the file, as their reason, and
/// `actor` as their account. With the end `.rollback`, nothing is written. `progress` gets the
/// number of finished products and of all products.
///
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

/// The pause between two batches in microseconds, in which waiting writers commit.
///
/// A waiting writer retries every millisecond.
private let pauseUs: UInt32 = 20_000

extension Array {
    fileprivate func parts(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: Swift.max(1, count)).map {
            self[$0..<Swift.min($0 + count, self.count)]
        }
    }
}
