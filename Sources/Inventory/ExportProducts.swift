public import Storage

/// Every product on sale as CSV that `importProducts` reads back unchanged, by id.
///
/// `write` gets a record at a time, the header first. A product without a SKU is known by its id,
/// which the others do not show. What is absent is nothing, and an empty text is two quotes; no
/// text is changed for the sake of a spreadsheet that would take it for a formula.
/// - Throws: `StoreError`, and what `write` throws.
public func exportProducts(in tx: any Transaction, write: (String) throws -> Void) throws {
    try write(
        csvRecord([
            "id", "sku", "name", "category", "price", "stock", "low_stock", "description",
        ]))
    try tx.each(
        """
        SELECT id, sku, name, category, price, stock, low_stock, description FROM products
        WHERE archived_at IS NULL ORDER BY id
        """
    ) { row in
        let sku: String? = try row["sku"]
        let lowStock: Int64? = try row["low_stock"]
        try write(
            csvRecord([
                sku == nil ? String(try row["id"] as Int64) : nil, sku, try row["name"],
                try row["category"], String(try row["price"] as Int64),
                String(try row["stock"] as Int64), lowStock.map { String($0) },
                try row["description"],
            ]))
        return true
    }
}
