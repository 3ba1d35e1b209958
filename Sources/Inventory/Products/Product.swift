public import HTTP
import Service
import Storage
public import Values

/// Something the shop sells.
public struct Product: Sendable {
    /// The row's id.
    public let id: Int64
    /// What the shop says of it.
    public var details: ProductDetails
    /// Pieces on the shelf.
    public let stock: Int64
    /// What approved reviews say.
    public let rating: Rating
    let createdAt: Instant
    var updatedAt: Instant
    let currency: String
    /// When it was taken out of lists and sale; nil while it is on sale.
    let archivedAt: Instant?
    /// Whether it can be bought: it is not archived.
    public var isOnSale: Bool { archivedAt == nil }
    let visibility: StockVisibility
}

/// What the shop says of a product, and may change.
public struct ProductDetails: Sendable, Equatable {
    /// 1–200 characters.
    public var name: String
    /// A slug.
    public var category: String
    /// Per piece.
    public var price: Money
    /// The shop's own number, unique where there is one.
    public var sku: String?
    /// At most 5000 characters.
    public var description: String?
    /// The stock at which staff want to hear of it.
    public var lowStock: Int64?

    /// Details in full.
    public init(
        name: String, category: String, price: Money, sku: String? = nil,
        description: String? = nil,
        lowStock: Int64? = nil
    ) {
        self.name = name
        self.category = category
        self.price = price
        self.sku = sku
        self.description = description
        self.lowStock = lowStock
    }

    /// Whether every word and number is the same, to the byte.
    public static func == (left: ProductDetails, right: ProductDetails) -> Bool {
        left.hasSameWords(as: right) && left.category == right.category
            && left.price == right.price && left.lowStock == right.lowStock
    }

    /// Whether the same searches find them.
    func hasSameWords(as other: ProductDetails) -> Bool {
        Optional(name).isSame(as: other.name) && sku.isSame(as: other.sku)
            && description.isSame(as: other.description)
    }
}

/// What approved reviews say: how many, and how many stars together.
public struct Rating: Sendable {
    let sum: Int64
    /// How many.
    public let count: Int64

    /// The mean with two digits, rounded half up; nil as long as nobody has rated.
    public var average: Average? {
        count == 0 ? nil : Average(hundredths: (sum * 200 + count) / (count * 2))
    }
}

/// A mean of stars.
public struct Average: JSONWritable, Sendable {
    let hundredths: Int64

    /// A number with two digits behind the point.
    public func write(to json: inout JSONWriter) { json.decimal(hundredths: hundredths) }
}

extension Product {
    static let columns: SQL = """
        id, name, category, price, sku, description, low_stock, stock, rating_sum, rating_count, created_at, \
        updated_at, archived_at
        """

    init(_ row: Row, in currency: String, showing visibility: StockVisibility = .all) throws {
        // At once: of an object that is made piece by piece a copy is made as well.
        self.init(
            id: try row["id"],
            details: ProductDetails(
                name: try row["name"], category: try row["category"], price: try row["price"],
                sku: try row["sku"], description: try row["description"],
                lowStock: try row["low_stock"]),
            stock: try row["stock"],
            rating: Rating(sum: try row["rating_sum"], count: try row["rating_count"]),
            createdAt: try row["created_at"], updatedAt: try row["updated_at"],
            currency: currency, archivedAt: try row["archived_at"], visibility: visibility)
    }
}

extension Product: JSONWritable {
    /// The product, with as much of its stock as its `visibility` allows.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", details.name)
            $0.field("category", details.category)
            $0.field("sku", details.sku)
            $0.field("description", details.description)
            $0.field("price", details.price)
            $0.field("currency", currency)
            writeStock(to: &$0)
            if visibility == .all { $0.field("low_stock", details.lowStock) }
            $0.field("rating", rating)
            $0.field("created_at", createdAt)
            $0.field("updated_at", updatedAt)
            $0.field("archived_at", archivedAt)
        }
    }
}

extension Rating: JSONWritable {
    /// `average` has two digits and is null as long as nobody has rated.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("average", average)
            $0.field("count", count)
        }
    }
}
