import HTTP
import Service

/// Decodes products from records.
struct ImportCells {
    private let header: ImportHeader
    private var prices: DecimalPriceReader

    init(_ header: ImportHeader, prices: DecimalPriceReader) {
        self.header = header
        self.prices = prices
    }

    /// Decodes the product of a record.
    ///
    /// Empty fields after the last column are ignored. Spreadsheets also leave out empty fields at
    /// the end of a record, so a missing field changes nothing.
    ///
    /// - Throws: `ImportFaults` with every fault of the record.
    mutating func product(_ record: [String?], line: Int) throws -> ImportedProduct {
        let columns = header.columns
        guard record.dropFirst(columns.count).allSatisfy({ ($0 ?? "").isEmpty }),
            record.count > (columns.lastIndex(where: \.isRequired) ?? 0)
        else {
            throw ImportFaults(
                line: line, ["has \(record.count) fields, expected \(columns.count)"])
        }
        var members: [ClientJSON.Member] = []
        members.reserveCapacity(columns.count)
        for (column, text) in zip(columns, record) {
            let name = column == .priceDecimal ? ImportColumn.price.name : column.name
            members.append(ClientJSON.Member(name: name, value: value(of: column, text)))
        }
        do {
            return try ImportedProduct(checking: members)
        } catch let problem as Problem {
            throw ImportFaults(line: line, problem.faults.map(sentence))
        }
    }

    /// Returns the value of a cell: a number or a Boolean if the column has such, otherwise a text.
    ///
    /// An empty text counts only in a description, because some programs quote every field.
    private mutating func value(of column: ImportColumn, _ text: String?) -> ClientJSON {
        guard let text, !text.isEmpty || column == .description else { return .null }
        if column == .priceDecimal {
            return prices.minorUnits(text.trimmed).map(ClientJSON.integer) ?? .string(text)
        }
        if column.isInteger { return Int64(text.trimmed).map(ClientJSON.integer) ?? .string(text) }
        if column.isFlag { return flag(text) ?? .string(text) }
        return .string(text.withoutFormulaGuard)
    }

    /// The Boolean that a spreadsheet writes as `TRUE`, `true` or `1`.
    private func flag(_ text: String) -> ClientJSON? {
        switch text.folded {
        case "true", "1": .bool(true)
        case "false", "0": .bool(false)
        default: nil
        }
    }

    private func sentence(_ fault: Problem.Fault) -> String {
        guard fault.field == ImportColumn.price.name else {
            return "\(fault.field) \(fault.message)"
        }
        return header.columns.contains(.priceDecimal)
            ? "price_decimal \(prices.rule)"
            : "price \(fault.message). Amounts such as 4.50 go into a column price_decimal"
    }
}
