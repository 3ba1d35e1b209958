import Customers
import HTTP
import Service
import Storage
import Values

/// Writes the lines of an import to the shop.
struct ProductImport: Sendable {
    let source: String
    let actor: Int64
    let now: Instant
    let currency: String
    let rules: ImportRules

    /// A product whose words are not indexed yet.
    private struct Words {
        let product: Int64
        let details: ProductDetails
        /// Whether the index contains earlier words of the product.
        let isKnown: Bool
    }

    /// How many products are written before their words are indexed.
    ///
    /// FTS5 sorts consecutive words in memory and writes them together. Another statement in
    /// between makes it write each product alone, which took three times as long as the rest of the
    /// import.
    private static let wordsMax = 2000

    /// Returns the lines that would change the shop, each with whether its product is new.
    ///
    /// It also returns how many known products keep a stock that differs from their line.
    ///
    /// - Throws: `ImportFaults` with everything that the shop would reject.
    func changes(_ lines: [ImportedLine], in tx: any Transaction) throws
        -> (lines: [(line: ImportedLine, isNew: Bool)], keptStock: Int)
    {
        var faults: [CSVFault] = []
        var changes: [(line: ImportedLine, isNew: Bool)] = []
        var keptStock = 0
        for line in lines {
            do {
                guard let product = try known(line, in: tx) else {
                    changes.append((line, isNew: true))
                    continue
                }
                let movesStock = try stock(line, of: product) != nil
                if !line.value.applied(to: product).isSame(as: product.details)
                    || movesStock && rules.setsStock
                {
                    changes.append((line, isNew: false))
                }
                if movesStock, !rules.setsStock { keptStock += 1 }
            } catch let fault as CSVFault {
                faults.append(fault)
            }
        }
        guard faults.isEmpty else {
            throw ImportFaults(faults: Array(faults.prefix(ImportFaults.countMax)))
        }
        return (changes, keptStock)
    }

    /// Returns the stock to set, or nil if `product` already has it or the line was not edited.
    ///
    /// - Throws: `CSVFault` if the stock may be set, but has changed since the export.
    private func stock(_ line: ImportedLine, of product: Product) throws -> Int64? {
        let imported = line.value
        guard let stock = imported.stock, stock != product.stock, stock != imported.exportedStock
        else { return nil }
        if rules.setsStock, let exported = imported.exportedStock, exported != product.stock {
            throw CSVFault(
                line: line.line,
                message:
                    "stock was \(exported) when the file was exported and is \(product.stock) now. "
                    + "Export the products again"
            )
        }
        return stock
    }

    /// Creates or updates the product of each line.
    ///
    /// `progress` is called now and then with the number of finished products.
    ///
    /// - Returns: the number of new products.
    /// - Throws: `ImportFaults` with the first line that the shop rejects.
    func write(
        _ lines: ArraySlice<ImportedLine>, in tx: any Transaction, progress: (Int) -> Void
    ) throws -> Int {
        var created = 0
        var words: [Words] = []
        for (index, line) in lines.enumerated() {
            do {
                if try write(line, &words, in: tx) { created += 1 }
            } catch let problem as Problem {
                throw ImportFaults(faults: [CSVFault(line: line.line, message: problem.detail)])
            } catch let fault as CSVFault {
                throw ImportFaults(faults: [fault])
            }
            if (index + 1) % ProductImport.wordsMax == 0 || index + 1 == lines.count {
                try write(&words, in: tx)
                progress(index + 1)
            }
        }
        try auditOperator(
            .importedProducts, of: nil,
            after: "created \(created), updated \(lines.count - created)", as: actor, at: now,
            in: tx)
        return created
    }

    /// Creates or updates one product.
    ///
    /// - Returns: whether it is new.
    private func write(_ line: ImportedLine, _ words: inout [Words], in tx: any Transaction) throws
        -> Bool
    {
        let imported = line.value
        guard let product = try known(line, in: tx) else {
            var id: Int64?
            if case .id(let given) = imported.key { id = given }
            let product = try addProduct(
                imported.details, id: id, stock: imported.stock ?? 0, reason: source, by: actor,
                at: now, in: tx, currency: currency)
            words.append(Words(product: product.id, details: product.details, isKnown: false))
            return true
        }
        let details = imported.applied(to: product)
        if !details.isSame(as: product.details) {
            try rewriteProduct(product, to: details, by: actor, at: now, in: tx)
            try auditOperator(
                .changedProduct, of: nil, on: subject(product.id),
                before: product.details.changes(from: details),
                after: details.changes(from: product.details), as: actor, at: now, in: tx)
        }
        if !details.hasSameWords(as: product.details) {
            words.append(Words(product: product.id, details: details, isKnown: true))
        }
        if rules.setsStock, let stock = try stock(line, of: product) {
            try setStock(of: product, to: stock, line.line, in: tx)
        }
        return false
    }

    /// Sets the stock of a product that was read in the same transaction.
    private func setStock(of product: Product, to stock: Int64, _ line: Int, in tx: any Transaction)
        throws
    {
        let count = try tx.run(
            """
            UPDATE products SET stock = \(stock)
            WHERE id = \(product.id) AND stock = \(product.stock)
            """)
        guard count == 1 else {
            throw CSVFault(
                line: line, message: "The stock changed during the import. Import again.")
        }
        try recordMovement(
            StockMovement(
                product: product.id, delta: stock - product.stock, stockAfter: stock,
                kind: .adjusted, reason: source), by: actor, at: now, in: tx)
        try publishAdjustment(
            of: product.id, from: product.stock, to: stock, lowStock: product.details.lowStock,
            by: actor, at: now, in: tx, currency: currency)
    }

    /// Returns the product of a line, or nil if it is to be created.
    ///
    /// - Throws: `CSVFault` if the line must not change the product.
    private func known(_ line: ImportedLine, in tx: any Transaction) throws -> Product? {
        let imported = line.value
        let condition: SQL =
            switch imported.key {
            case .sku(let sku): "sku = \(sku) AND archived_at IS NULL"
            case .id(let id): "id = \(id)"
            }
        let product = try tx.first(
            Product.self, "WHERE \(condition) \(.alone("products"))",
            ProductContext(currency: currency))
        guard let product else { return nil }
        guard product.isOnSale else {
            throw CSVFault(line: line.line, message: "The product with this id is archived.")
        }
        guard product.details.sku.isSame(as: imported.details.sku) else {
            throw CSVFault(
                line: line.line,
                message: "The product with this id has a SKU. Identify it by its SKU.")
        }
        if case .id = imported.key, !rules.renames,
            !Optional(product.details.name).isSame(as: imported.details.name)
        {
            throw CSVFault(
                line: line.line,
                message: "The product with this id is named \(product.details.name).")
        }
        return product
    }

    /// Indexes the words of products in the order of their ids.
    ///
    /// In another order, FTS5 would write each product alone.
    private func write(_ words: inout [Words], in tx: any Transaction) throws {
        for item in words.sorted(by: { $0.product < $1.product }) {
            if item.isKnown { try unindex(item.product, in: tx) }
            try index(item.product, item.details, in: tx)
        }
        words = []
    }
}
