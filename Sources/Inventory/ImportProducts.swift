import HTTP
import Service
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

/// Creates or updates products from a file with a header, all of it or nothing.
///
/// Columns: sku, name, category and price; also id, stock, low_stock and description. A product is
/// known by its SKU. Where the file gives none the id counts: of a product on sale that has no SKU,
/// or of none at all, which is then made under that id. An empty field of an optional column
/// empties it; a column that is not there leaves it as it is. A stock that differs is a movement
/// like any other.
///
/// The file is read, and compared with the shop, before the transaction; what changes nothing is
/// left alone. So others wait for no longer than what is new takes to write.
/// - Parameters:
/// - file: CSV in UTF-8.
/// - actor: the id of whoever is entered in the stock ledger.
/// - end: `.rollback` tries it and changes nothing.
/// - progress: told now and then how many of how many products are done.
/// - Throws: `ImportFaults` with every fault.
public func importProducts(
    _ file: [UInt8], by actor: Int64, at now: Instant, on store: some Store, currency: String,
    end: TransactionEnd, progress: @Sendable (Int, Int) -> Void = { _, _ in }
) throws -> ImportResult {
    let products = try readProducts(file)
    let changes = try store.read { try changing(products, in: $0, currency: currency) }
    let unchanged = products.count - changes.count
    guard !changes.isEmpty else {
        progress(unchanged, unchanged)
        return ImportResult(unchanged: unchanged)
    }
    return try store.write(end) { tx in
        var result = ImportResult(unchanged: unchanged)
        for (index, change) in changes.enumerated() {
            do {
                let isNew = try importProduct(
                    change, by: actor, at: now, in: tx, currency: currency)
                if isNew { result.created += 1 } else { result.updated += 1 }
            } catch let problem as Problem {
                throw ImportFaults(faults: [CSVFault(line: change.line, message: problem.detail)])
            } catch let fault as CSVFault {
                throw ImportFaults(faults: [fault])
            }
            if index % 500 == 0 || index == changes.count - 1 {
                progress(unchanged + index + 1, products.count)
            }
        }
        return result
    }
}

/// Those of `products` that say something else than the shop does.
/// - Throws: `ImportFaults` with everything that the shop would refuse.
private func changing(
    _ products: [ImportedLine], in tx: any Transaction, currency: String
) throws -> [ImportedLine] {
    var faults: [CSVFault] = []
    let changes = try products.filter { line in
        do {
            guard let product = try known(line, in: tx, currency: currency) else { return true }
            return line.value.applied(to: product) != product.details
                || line.value.stock ?? product.stock != product.stock
        } catch let fault as CSVFault {
            faults.append(fault)
            return false
        }
    }
    guard faults.isEmpty else {
        throw ImportFaults(faults: Array(faults.prefix(ImportFaults.countMax)))
    }
    return changes
}

/// The product that a line means; nil where it is to be made.
/// - Throws: `CSVFault` where it means one that it cannot change.
private func known(_ line: ImportedLine, in tx: any Transaction, currency: String) throws
    -> Product?
{
    let imported = line.value
    let condition: SQL =
        switch imported.key {
        case .sku(let sku): "sku = \(sku)"
        case .id(let id): "id = \(id)"
        }
    let row = try tx.first("SELECT \(Product.columns) FROM products WHERE \(condition)")
    guard let product = try row.map({ try Product($0, in: currency) }) else { return nil }
    guard product.isOnSale else {
        throw CSVFault(
            line: line.line, message: "The product of this \(imported.key.column) is archived.")
    }
    guard product.details.sku.isSame(as: imported.details.sku) else {
        throw CSVFault(
            line: line.line, message: "The product of this id has a SKU, and goes by that.")
    }
    return product
}

/// Creates or updates one product.
/// - Returns: whether it is new.
private func importProduct(
    _ line: ImportedLine, by actor: Int64, at now: Instant, in tx: any Transaction,
    currency: String
) throws -> Bool {
    let imported = line.value
    guard let product = try known(line, in: tx, currency: currency) else {
        var id: Int64?
        if case .id(let given) = imported.key { id = given }
        _ = try createProduct(
            imported.details, id: id, stock: imported.stock ?? 0, by: actor, at: now, in: tx,
            currency: currency)
        return true
    }
    let details = imported.applied(to: product)
    if details != product.details {
        _ = try updateProduct(product, to: details, at: now, in: tx)
    }
    if let stock = imported.stock, stock != product.stock {
        try adjustStock(
            of: product.id, StockAdjustment(delta: stock - product.stock, reason: "import"),
            by: actor, at: now, in: tx)
    }
    return false
}
