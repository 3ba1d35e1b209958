import Service

/// A column that an import knows.
struct ImportColumn: Equatable, Sendable {
    /// As headers spell it.
    let name: String
    /// Whether every record has a value in it.
    var isRequired = false
    /// Whether its cells are integers.
    var isInteger = false

    static let id = ImportColumn(name: "id", isInteger: true)
    static let sku = ImportColumn(name: "sku")
    static let price = ImportColumn(name: "price", isRequired: true, isInteger: true)
    static let description = ImportColumn(name: "description")
    /// The price in major units, instead of `price`.
    static let priceDecimal = ImportColumn(name: "price_decimal", isRequired: true)
    static let stock = ImportColumn(name: "stock", isInteger: true)
    static let exportedStock = ImportColumn(name: "exported_stock", isInteger: true)

    static let details = ProductDetails.fields.map {
        ImportColumn(name: "\($0.name)", isRequired: $0.isRequired, isInteger: $0.isInteger)
    }

    /// The columns of an export: the stock is beside the threshold that it is compared with.
    static let exported: [ImportColumn] = {
        let stockIndex = details.firstIndex { $0.name == "low_stock" } ?? details.endIndex
        return [id] + details[..<stockIndex] + [stock, exportedStock] + details[stockIndex...]
    }()

    /// All columns: those of an export, and `price_decimal` after `price`.
    static let all = exported.flatMap { $0 == price ? [$0, priceDecimal] : [$0] }

    /// The column that a header names: case does not matter, and spaces and hyphens are underscores.
    static func named(_ text: String) -> ImportColumn? {
        // Longer than any column.
        guard text.utf8.count <= 40 else { return nil }
        let bytes = text.utf8.lowercasedASCII.map {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0
        }
        let underscore = UInt8(ascii: "_")
        let name = bytes.drop { $0 == underscore }.reversed().drop { $0 == underscore }.reversed()
        return all.first { $0.name.utf8.elementsEqual(name) }
    }
}
