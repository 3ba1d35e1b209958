/// The columns of a file, in their order.
struct ImportHeader {
    let columns: [ImportColumn]

    /// Reads the first record of a file.
    ///
    /// - Throws: `ImportFaults` with every fault of the header.
    init(_ record: [String?]?, line: Int) throws {
        guard let record else {
            throw ImportFaults(line: 1, ["The file is empty. It must begin with a header."])
        }
        let names = record.map { $0 ?? "" }
        let last = names.lastIndex { !$0.isEmpty } ?? -1
        var columns: [ImportColumn] = []
        var faults: [String] = []
        for (index, name) in names[...last].enumerated() {
            guard let column = ImportColumn.named(name) else {
                faults.append(
                    name.isEmpty
                        ? "Column \(index + 1) has no name."
                        : "There is no column \(String(name.unicodeScalars.prefix(40))).")
                continue
            }
            if columns.contains(column) {
                faults.append("The column \(column.name) is repeated.")
            }
            columns.append(column)
        }
        self.columns = columns
        if !columns.isEmpty { faults += missing }
        if !faults.isEmpty {
            let known = ImportColumn.all.map(\.name).joined(separator: ", ")
            throw ImportFaults(line: line, faults + ["The columns are \(known)."])
        }
    }

    private var missing: [String] {
        var faults: [String] = []
        if !columns.contains(.sku), !columns.contains(.id) {
            faults.append("A column sku or id is missing.")
        }
        for column in ImportColumn.details
        where column.isRequired && column != .price && !columns.contains(column) {
            faults.append("The column \(column.name) is missing.")
        }
        switch (columns.contains(.price), columns.contains(.priceDecimal)) {
        case (false, false): faults.append("A column price or price_decimal is missing.")
        case (true, true): faults.append("The columns price and price_decimal exclude each other.")
        default: break
        }
        return faults
    }
}
