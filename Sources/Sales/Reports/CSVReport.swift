import HTTP
import Inventory
import Service
import Values

/// A cell of a report as CSV.
enum CSVCell: Sendable {
    /// A text, which a spreadsheet must not run as a formula.
    case text(String?)
    case number(Int64)

    /// An amount in minor units.
    static func amount(_ money: Money) -> CSVCell { .number(money.minorUnits) }

    fileprivate var field: String? {
        switch self {
        case .text(let text): text?.guardedFromFormulas
        case .number(let number): String(number)
        }
    }
}

/// A row of a report.
protocol CSVRecord: JSONWritable {
    /// The names of the columns, those of the JSON members.
    static var columns: [String] { get }
    var cells: [CSVCell] { get }
}

extension Call {
    /// The report as JSON, or as CSV (RFC 4180) for a client that prefers it.
    func report<T: CSVRecord>(_ rows: [T]) -> Response {
        report(rows, columns: T.columns, cells: \.cells)
    }

    /// The same with columns that depend on the rows.
    func report<T: JSONWritable>(
        _ rows: [T], columns: [String], cells: (T) -> [CSVCell]
    ) -> Response {
        guard request.preferredType(of: [.json, .csv]) == .csv else {
            return .negotiated(.json, JSONWriter.bytes(of: Listing(rows)))
        }
        return csv(columns, rows.map(cells))
    }

    /// A response with these rows as CSV.
    func csv(_ columns: [String], _ rows: [[CSVCell]]) -> Response {
        var text = csvRecord(columns)
        for row in rows { text += csvRecord(row.map(\.field)) }
        return .negotiated(.csv, Array(text.utf8))
    }
}
