public import Storage

/// Every product on sale as CSV that `importProducts` reads back unchanged, by id.
///
/// `write` gets a record at a time, the header first. A product without a SKU has an empty field
/// there, which an import refuses.
/// - Throws: `StoreError`, and what `write` throws.
public func exportProducts(in tx: any Transaction, write: (String) throws -> Void) throws {
    try write(csvRecord(["sku", "name", "category", "price", "stock", "low_stock", "description"]))
    try tx.each(
        """
        SELECT sku, name, category, price, stock, low_stock, description FROM products
        WHERE archived_at IS NULL ORDER BY id
        """
    ) { row in
        let lowStock: Int64? = try row["low_stock"]
        try write(
            csvRecord([
                try row["sku"] as String? ?? "", try row["name"], try row["category"],
                String(try row["price"] as Int64), String(try row["stock"] as Int64),
                lowStock.map { String($0) } ?? "", try row["description"] as String? ?? "",
            ]))
        return true
    }
}
