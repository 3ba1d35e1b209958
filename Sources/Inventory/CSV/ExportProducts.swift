import Service
public import Storage

/// Writes every product on sale as CSV, which `importProducts` reads back unchanged by id.
///
/// `write` gets one record at a time, the header first. Only products without a SKU have an id in
/// their record. A missing value is an empty field, and an empty text is two quotes.
/// `exported_stock` repeats the stock, so that an import can see which stocks were edited. Texts
/// that a spreadsheet would run as a formula get an apostrophe, which the import removes.
///
/// - Throws: `StoreError`, and the errors of `write`.
public func exportProducts(in tx: any Transaction, write: (String) throws -> Void) throws {
    try write(csvRecord(ImportColumn.exported.map(\.name)))
    let clause: SQL = "WHERE archived_at IS NULL ORDER BY id"
    try tx.each("SELECT \(Product.columns) FROM \(Product.source) \(clause)") { row in
        let product = try Product(row, ProductContext(currency: ""))
        var cells: [String: String] = [:]
        for field in ProductDetails.fields {
            let value = field.value(of: product.details)
            cells["\(field.name)"] = field.isFlag ? flagCell(value) : cell(value)
        }
        if product.details.sku == nil { cells["id"] = String(product.id) }
        cells["stock"] = String(product.stock)
        cells["exported_stock"] = cells["stock"]
        try write(csvRecord(ImportColumn.exported.map { cells[$0.name] }))
        return true
    }
}

private func flagCell(_ value: Value) -> String { value == .integer(0) ? "false" : "true" }

private func cell(_ value: Value) -> String? {
    switch value {
    case .null: nil
    case .integer(let integer): String(integer)
    case .text(let text): text.guardedFromFormulas
    }
}
