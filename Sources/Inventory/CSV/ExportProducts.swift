public import Storage

/// Writes every product on sale as CSV that `importProducts` reads back unchanged, by id.
///
/// `write` gets a record at a time, the header first. A product without a SKU is known by its id,
/// which the others do not show. An absent value is an empty field, and an empty text is two
/// quotes. `exported_stock` repeats the stock, so that an import can tell which stocks were edited.
/// Texts that a spreadsheet would run as a formula get an apostrophe, which the import removes.
/// - Throws: `StoreError`, and what `write` throws.
public func exportProducts(in tx: any Transaction, write: (String) throws -> Void) throws {
    try write(
        csvRecord([
            "id", "sku", "name", "category", "price", "stock", "exported_stock", "low_stock",
            "description",
        ]))
    try tx.each(
        """
        SELECT id, sku, name, category, price, stock, low_stock, description FROM products
        WHERE archived_at IS NULL ORDER BY id
        """
    ) { row in
        let sku: String? = try row["sku"]
        let name: String = try row["name"]
        let category: String = try row["category"]
        let stock = String(try row["stock"] as Int64)
        let lowStock: Int64? = try row["low_stock"]
        let description: String? = try row["description"]
        try write(
            csvRecord([
                sku == nil ? String(try row["id"] as Int64) : nil, sku?.guardedFromFormulas,
                name.guardedFromFormulas, category.guardedFromFormulas,
                String(try row["price"] as Int64), stock, stock, lowStock.map { String($0) },
                description?.guardedFromFormulas,
            ]))
        return true
    }
}
