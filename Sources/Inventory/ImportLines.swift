import HTTP
import Service
import Storage

/// What lines of an import are put on.
struct Shelf: Sendable {
    let actor: Int64
    let now: Instant
    let currency: String
    let renames: Bool

    /// A product whose words are not indexed yet.
    private struct Words {
        let product: Int64
        let details: ProductDetails
        /// Whether it has others, which are.
        let isKnown: Bool
    }

    /// How many products are written before their words are.
    ///
    /// Words that go into the index one behind the other are sorted in memory and written together;
    /// any other statement between them has each product's written alone, which took three times
    /// as long as all the rest.
    private static let wordsMax = 2000

    /// Those of `lines` that say something else than the shop does, and whether it knows them.
    /// - Throws: `ImportFaults` with everything that the shop would refuse.
    func changes(_ lines: [ImportedLine], in tx: any Transaction) throws
        -> [(line: ImportedLine, isNew: Bool)]
    {
        var faults: [CSVFault] = []
        var changes: [(line: ImportedLine, isNew: Bool)] = []
        for line in lines {
            do {
                guard let product = try known(line, in: tx) else {
                    changes.append((line, isNew: true))
                    continue
                }
                if line.value.applied(to: product) != product.details
                    || line.value.stock ?? product.stock != product.stock
                {
                    changes.append((line, isNew: false))
                }
            } catch let fault as CSVFault {
                faults.append(fault)
            }
        }
        guard faults.isEmpty else {
            throw ImportFaults(faults: Array(faults.prefix(ImportFaults.countMax)))
        }
        return changes
    }

    /// Creates or updates the product of each line.
    ///
    /// `progress` is told now and then how many are done.
    /// - Returns: how many are new.
    /// - Throws: `ImportFaults` with the first that the shop refuses.
    func take(
        _ lines: ArraySlice<ImportedLine>, in tx: any Transaction, progress: (Int) -> Void
    ) throws -> Int {
        var created = 0
        var words: [Words] = []
        for (index, line) in lines.enumerated() {
            do {
                if try take(line, &words, in: tx) { created += 1 }
            } catch let problem as Problem {
                throw ImportFaults(faults: [CSVFault(line: line.line, message: problem.detail)])
            } catch let fault as CSVFault {
                throw ImportFaults(faults: [fault])
            }
            if (index + 1) % Shelf.wordsMax == 0 || index + 1 == lines.count {
                try write(&words, in: tx)
                progress(index + 1)
            }
        }
        return created
    }

    /// Creates or updates one product.
    /// - Returns: whether it is new.
    private func take(_ line: ImportedLine, _ words: inout [Words], in tx: any Transaction) throws
        -> Bool
    {
        let imported = line.value
        guard let product = try known(line, in: tx) else {
            var id: Int64?
            if case .id(let given) = imported.key { id = given }
            let product = try addProduct(
                imported.details, id: id, stock: imported.stock ?? 0, by: actor, at: now, in: tx,
                currency: currency)
            words.append(Words(product: product.id, details: product.details, isKnown: false))
            return true
        }
        let details = imported.applied(to: product)
        if details != product.details {
            try rewriteProduct(product, to: details, at: now, in: tx)
        }
        if !details.hasSameWords(as: product.details) {
            words.append(Words(product: product.id, details: details, isKnown: true))
        }
        if let stock = imported.stock, stock != product.stock {
            try adjustStock(
                of: product.id, StockAdjustment(delta: stock - product.stock, reason: "import"),
                by: actor, at: now, in: tx)
        }
        return false
    }

    /// The product that a line means; nil where it is to be made.
    /// - Throws: `CSVFault` where it means one that it cannot change.
    private func known(_ line: ImportedLine, in tx: any Transaction) throws -> Product? {
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
        if case .id = imported.key, !renames,
            !Optional(product.details.name).isSame(as: imported.details.name)
        {
            throw CSVFault(
                line: line.line,
                message: "The product of this id is called \(product.details.name).")
        }
        return product
    }

    /// Indexes the words of products, in the order of their ids: out of that order each would be
    /// written alone.
    private func write(_ words: inout [Words], in tx: any Transaction) throws {
        for item in words.sorted(by: { $0.product < $1.product }) {
            if item.isKnown { try unindex(item.product, in: tx) }
            try index(item.product, item.details, in: tx)
        }
        words = []
    }
}
