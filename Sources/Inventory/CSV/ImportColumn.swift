import Service

/// A column that an import supports.
struct ImportColumn: Equatable, Sendable {
    /// The name in headers.
    let name: String
    /// Whether every record needs a value in it.
    var isRequired = false
    /// Whether its cells are integers.
    var isInteger = false
    /// Whether its cells are `true` or `false`.
    var isFlag = false

    static let id = ImportColumn(name: "id", isInteger: true)
    static let sku = ImportColumn(name: "sku")
    static let price = ImportColumn(name: "price", isRequired: true, isInteger: true)
    static let description = ImportColumn(name: "description")
    /// The price in major units, as an alternative to `price`.
    static let priceDecimal = ImportColumn(name: "price_decimal", isRequired: true)
    static let stock = ImportColumn(name: "stock", isInteger: true)
    static let exportedStock = ImportColumn(name: "exported_stock", isInteger: true)

    static let details = ProductDetails.fields.map {
        ImportColumn(
            name: "\($0.name)", isRequired: $0.isRequired, isInteger: $0.isInteger,
            isFlag: $0.isFlag)
    }

    /// The columns of an export, with the stock next to the threshold that it is compared with.
    static let exported: [ImportColumn] = {
        let stockIndex = details.firstIndex { $0.name == "low_stock" } ?? details.endIndex
        return [id] + details[..<stockIndex] + [stock, exportedStock] + details[stockIndex...]
    }()

    /// All columns: those of an export, and `price_decimal` after `price`.
    static let all = exported.flatMap { $0 == price ? [$0, priceDecimal] : [$0] }

    /// Returns the column of a header, without regard to case; spaces and hyphens count as
    /// underscores.
    static func named(_ text: String) -> ImportColumn? {
        // No column has a longer name.
        guard text.utf8.count <= 40 else { return nil }
        let bytes = text.utf8.lowercasedASCII.map {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0
        }
        let underscore = UInt8(ascii: "_")
        let name = bytes.drop { $0 == underscore }.reversed().drop { $0 == underscore }.reversed()
        return all.first { $0.name.utf8.elementsEqual(name) }
    }
}
