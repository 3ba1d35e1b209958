import HTTP
import Service
import Storage

/// A record of the file, validated like the body of `POST /inventory`.
struct ImportedProduct: Input {
    let key: ProductKey
    private let edit: Edit<ProductDetails>
    let stock: Int64?
    /// The stock at the time of the export.
    let exportedStock: Int64?

    init(_ fields: inout Fields) {
        // A limit, because the next product gets the id after the highest one.
        let id = fields.optional("id", .integer(1...1_000_000_000_000))
        edit = Edit(&fields)
        let sku = edit.applied(to: ProductDetails()).sku
        if id == nil, sku == nil { fields.fault("sku", "must be given, or else an id") }
        key = sku.map(ProductKey.sku) ?? .id(id ?? 0)
        stock = fields.optional("stock", .stock)
        exportedStock = fields.optional("exported_stock", .stock)
    }

    /// The details of a new product.
    var details: ProductDetails { edit.applied(to: ProductDetails()) }

    /// The details of `product` after the import; a column that is not in the file changes nothing.
    func applied(to product: Product) -> ProductDetails { edit.applied(to: product.details) }
}

/// A record and the line on which it begins.
typealias ImportedLine = (line: Int, value: ImportedProduct)

/// The identifier of a record's product: its SKU, or an id if it has none.
enum ProductKey: Sendable {
    case sku(String)
    case id(Int64)

    /// The column of the identifier, for messages such as `sku is already on line 2`.
    var column: String {
        switch self {
        case .sku: "sku"
        case .id: "id"
        }
    }

    /// Bytes that differ if, and only if, the shop treats the keys as different.
    var bytes: [UInt8] {
        switch self {
        case .sku(let sku): Array("sku \(sku)".utf8)
        case .id(let id): Array("id \(id)".utf8)
        }
    }
}

/// Reads every record of the file.
///
/// - Throws: `ImportFaults` with every fault of the header, or with those of the lines, at most
///   1,000.
func readProducts(_ file: [UInt8], encoding: String? = nil, currency: String) throws
    -> [ImportedLine]
{
    var products: [ImportedLine] = []
    var faults: [CSVFault] = []
    var lines: [[UInt8]: Int] = [:]
    do {
        var reader = CSVReader(try decodedText(file, encoding: encoding))
        reader.findSeparator()
        let header = try ImportHeader(reader.next(), line: reader.line)
        var cells = ImportCells(
            header,
            prices: DecimalPriceReader(
                currency: currency, allowsComma: reader.separator != UInt8(ascii: ",")))
        while faults.count < ImportFaults.countMax, let record = try reader.next() {
            do {
                let product = try cells.product(record, line: reader.line)
                products.append((reader.line, product))
                if let first = lines.updateValue(reader.line, forKey: product.key.bytes) {
                    throw ImportFaults(
                        line: reader.line, ["\(product.key.column) is already on line \(first)"])
                }
            } catch let found as ImportFaults {
                faults += found.faults
            }
        }
    } catch let fault as CSVFault {
        faults.append(fault)
    }
    guard faults.isEmpty else { throw ImportFaults(faults: faults) }
    return products
}
