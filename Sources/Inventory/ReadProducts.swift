import HTTP
import Service
import Storage

/// A record of the file, checked like the body of `POST /inventory`.
struct ImportedProduct: Input {
    let key: ProductKey
    let details: ProductDetails
    let stock: Int64?
    /// Whether the file says anything of these.
    let saysDescription: Bool
    let saysLowStock: Bool

    init(_ fields: inout Fields) {
        // No higher: the next product's id is the one behind the highest.
        let id = fields.optional("id", .integer(1...1_000_000_000_000))
        let sku = fields.optional("sku", .sku)
        if id == nil, sku == nil { fields.fault("sku", "must be given, or else an id") }
        key = sku.map(ProductKey.sku) ?? .id(id ?? 0)
        let description = fields.change("description", .description)
        let lowStock = fields.change("low_stock", .stock)
        details = ProductDetails(
            name: fields.required("name", .productName),
            category: fields.required("category", .category),
            price: fields.required("price", .price), sku: sku,
            description: description.applied(to: nil), lowStock: lowStock.applied(to: nil))
        stock = fields.optional("stock", .stock)
        saysDescription = description.isSet
        saysLowStock = lowStock.isSet
    }

    /// What `product` is to be.
    func applied(to product: Product) -> ProductDetails {
        var details = details
        if !saysDescription { details.description = product.details.description }
        if !saysLowStock { details.lowStock = product.details.lowStock }
        return details
    }
}

/// A record, and the line on which it begins.
typealias ImportedLine = (line: Int, value: ImportedProduct)

/// By what a record names its product: its SKU, or the id of one that has none.
enum ProductKey: Sendable {
    case sku(String)
    case id(Int64)

    /// As in `sku stands on line 2 already`.
    var column: String {
        switch self {
        case .sku: "sku"
        case .id: "id"
        }
    }

    /// Tells two apart that the shop tells apart.
    var bytes: [UInt8] {
        switch self {
        case .sku(let sku): Array("sku \(sku)".utf8)
        case .id(let id): Array("id \(id)".utf8)
        }
    }
}

/// Every record of the file.
/// - Throws: `ImportFaults` with every fault of every line, a thousand at most.
func readProducts(_ file: [UInt8]) throws -> [ImportedLine] {
    var reader = CSVReader(file)
    var products: [ImportedLine] = []
    var faults: [CSVFault] = []
    var lines: [[UInt8]: Int] = [:]
    do {
        let header = (try reader.next() ?? []).map { $0 ?? "" }
        while faults.count < ImportFaults.countMax, let record = try reader.next() {
            do {
                let product = try ImportedProduct(record, header)
                products.append((reader.line, product))
                if let first = lines.updateValue(reader.line, forKey: product.key.bytes) {
                    throw CSVFault(
                        line: reader.line,
                        message: "\(product.key.column) stands on line \(first) already")
                }
            } catch let problem as Problem {
                faults += problem.faults.map {
                    CSVFault(line: reader.line, message: "\($0.field) \($0.message)")
                }
            } catch let fault as CSVFault {
                faults.append(fault)
            }
        }
    } catch let fault as CSVFault {
        faults.append(fault)
    }
    guard faults.isEmpty else { throw ImportFaults(faults: faults) }
    return products
}

extension ImportedProduct {
    fileprivate init(_ record: [String?], _ header: [String]) throws {
        guard record.count == header.count else {
            throw Problem.invalid([
                .init(
                    field: "it",
                    message: "has \(record.count) fields and the header \(header.count)")
            ])
        }
        try self.init(
            checking: zip(header, record).map { name, text in
                JSON.Member(name: name, value: value(of: name, text))
            })
    }
}

/// Digits are a number where a number is meant.
///
/// An empty text is one in a description only: there are programs that put every field in quotes.
private func value(of name: String, _ text: String?) -> JSON {
    guard let text, !text.isEmpty || name == "description" else { return .null }
    let isNumber = ["id", "price", "stock", "low_stock"].contains(name)
    return (isNumber ? Int64(text).map(JSON.integer) : nil) ?? .string(text)
}
