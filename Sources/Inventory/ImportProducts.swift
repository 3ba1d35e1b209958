import HTTP
import Service
public import Storage

/// What an import did.
public struct ImportResult: Sendable, Equatable {
    /// Products that were not there before.
    public var created: Int
    /// Products that were there, known by their SKU.
    public var updated: Int

    /// A result with its counts.
    public init(created: Int = 0, updated: Int = 0) {
        self.created = created
        self.updated = updated
    }
}

/// Everything that is wrong with a file; nothing of it was taken.
public struct ImportFaults: Error, CustomStringConvertible {
    /// In the order of their lines.
    public let faults: [CSVFault]

    /// A line each.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// Creates or updates products by SKU from a file with a header, all of it or nothing.
///
/// Columns: sku, name, category and price; also stock, low_stock and description. An empty field of
/// an optional column empties it; a column that is not there leaves it as it is. A stock that
/// differs is a movement like any other.
/// - Parameters:
/// - file: CSV in UTF-8.
/// - actor: the id of whoever is entered in the stock ledger.
/// - end: `.rollback` tries it and changes nothing.
/// - progress: told now and then how many of how many products are done.
/// - Throws: `ImportFaults` with every fault of the file, or the first against the database.
public func importProducts(
    _ file: [UInt8], by actor: Int64, at now: Instant, on store: some Store, currency: String,
    end: TransactionEnd, progress: @Sendable (Int, Int) -> Void = { _, _ in }
) throws -> ImportResult {
    let products = try readProducts(file)
    return try store.write(end) { tx in
        var result = ImportResult()
        for (index, product) in products.enumerated() {
            do {
                let isNew = try importProduct(
                    product.value, by: actor, at: now, in: tx, currency: currency)
                if isNew { result.created += 1 } else { result.updated += 1 }
            } catch let problem as Problem {
                throw ImportFaults(faults: [CSVFault(line: product.line, message: problem.detail)])
            }
            if index % 500 == 0 || index == products.count - 1 {
                progress(index + 1, products.count)
            }
        }
        return result
    }
}

/// A record of the file, checked like the body of `POST /inventory`.
struct ImportedProduct: Input {
    let details: ProductDetails
    let stock: Int64?
    /// Whether the file says anything of these.
    let saysDescription: Bool
    let saysLowStock: Bool

    init(_ fields: inout Fields) {
        let description = fields.change("description", .description)
        let lowStock = fields.change("low_stock", .stock)
        details = ProductDetails(
            name: fields.required("name", .productName),
            category: fields.required("category", .category),
            price: fields.required("price", .price), sku: fields.required("sku", .sku),
            description: description.applied(to: nil), lowStock: lowStock.applied(to: nil))
        stock = fields.optional("stock", .stock)
        saysDescription = description.isSet
        saysLowStock = lowStock.isSet
    }
}

/// Creates or updates one product.
/// - Returns: whether it is new.
private func importProduct(
    _ imported: ImportedProduct, by actor: Int64, at now: Instant, in tx: any Transaction,
    currency: String
) throws -> Bool {
    let row = try tx.first(
        """
        SELECT \(Product.columns) FROM products
        WHERE sku = \(imported.details.sku.stored) AND archived_at IS NULL
        """)
    guard let product = try row.map({ try Product($0, in: currency) }) else {
        _ = try createProduct(
            imported.details, stock: imported.stock ?? 0, by: actor, at: now, in: tx,
            currency: currency)
        return true
    }
    var details = imported.details
    if !imported.saysDescription { details.description = product.details.description }
    if !imported.saysLowStock { details.lowStock = product.details.lowStock }
    if details != product.details {
        _ = try updateProduct(product, to: details, at: now, in: tx)
    }
    if let stock = imported.stock, stock != product.stock {
        _ = try adjustStock(
            of: product.id, StockAdjustment(delta: stock - product.stock, reason: "import"),
            by: actor, at: now, in: tx)
    }
    return false
}

/// Every record of the file.
/// - Throws: `ImportFaults` with every fault of every line, a thousand at most.
private func readProducts(_ file: [UInt8]) throws -> [(line: Int, value: ImportedProduct)] {
    var reader = CSVReader(file)
    var products: [(line: Int, value: ImportedProduct)] = []
    var faults: [CSVFault] = []
    var lines: [String: Int] = [:]
    do {
        let header = try reader.next() ?? []
        while faults.count < 1000, let record = try reader.next() {
            do {
                let product = try ImportedProduct(record, header)
                products.append((reader.line, product))
                if let first = lines.updateValue(reader.line, forKey: product.details.sku ?? "") {
                    throw CSVFault(
                        line: reader.line, message: "sku stands on line \(first) already")
                }
            } catch let problem as Problem {
                faults += problem.faults.map {
                    CSVFault(line: reader.line, message: "\($0.field) \($0.message)")
                }
            } catch let fault as CSVFault {
                faults.append(fault)
            }
        }
    } catch let fault as CSVFault {
        faults.append(fault)
    }
    guard faults.isEmpty else { throw ImportFaults(faults: faults) }
    return products
}

extension ImportedProduct {
    fileprivate init(_ record: [String], _ header: [String]) throws {
        guard record.count == header.count else {
            throw Problem.invalid([
                .init(
                    field: "it",
                    message: "has \(record.count) fields and the header \(header.count)")
            ])
        }
        try self.init(
            checking: zip(header, record).map { name, text in
                // Digits are a number where a number is meant, and nothing is null.
                let isNumber = ["price", "stock", "low_stock"].contains(name)
                let number = isNumber ? Int64(text).map(JSON.integer) : nil
                return JSON.Member(
                    name: name, value: text.isEmpty ? .null : number ?? .string(text))
            })
    }
}
