public import HTTP
public import Service
public import Storage
public import Values

/// A product of the shop.
public struct Product: Sendable {
    /// The row's id.
    public let id: Int64
    /// The fields that staff set.
    public var details: ProductDetails
    /// The number of units in stock.
    public let stock: Int64
    /// The totals of the approved reviews.
    public let rating: Rating
    let createdAt: Instant
    var updatedAt: Instant
    let currency: String
    /// When the product was archived; nil while it is on sale.
    let archivedAt: Instant?
    /// Whether the product is on sale, that is, not archived.
    public var isOnSale: Bool { archivedAt == nil }
    let visibility: StockVisibility
}

/// The fields of a product that staff set.
public struct ProductDetails: Editable {
    /// The shop's own article number, unique among products on sale.
    public var sku: String?
    /// 1 to 200 characters.
    public var name: String
    /// A slug.
    public var category = ""
    /// The price of one unit.
    public var price = Money.zero
    /// The stock at or below which the product is low on stock.
    public var lowStock: Int64?
    /// The weight of one unit in grams, for the choice of shipping methods.
    public var weightGrams: Int64 = 0
    /// Whether the product is sent to the buyer.
    public var requiresShipping = true
    /// The class whose tax rates apply.
    public var taxClass = "standard"
    /// At most 5,000 characters.
    public var description: String?

    /// The list of the fields.
    public static let fields: [EditableField<ProductDetails>] = [
        .optional("sku", \.sku, .sku),
        .required("name", \.name, .productName),
        .required("category", \.category, .slug),
        .required("price", \.price, .price),
        .optional("low_stock", \.lowStock, .stock),
        .standard("weight_g", \.weightGrams, .weight),
        .standard("requires_shipping", \.requiresShipping, .flag),
        .standard("tax_class", \.taxClass, .slug),
        .optional("description", \.description, .description),
    ]

    /// Whether searches find both in the same way.
    func hasSameWords(as other: ProductDetails) -> Bool {
        Optional(name).isSame(as: other.name) && sku.isSame(as: other.sku)
            && description.isSame(as: other.description)
    }
}

extension ProductDetails {
    /// Details without values.
    ///
    /// In an extension, so that the compiler makes the initializer with all properties as well.
    public init() { self.init(name: "") }
}

/// The totals of the approved reviews of a product.
public struct Rating: Sendable {
    let sum: Int64
    /// The number of reviews.
    public let count: Int64

    /// The mean with two decimals, rounded half up; nil if there is no review.
    public var average: Average? {
        count == 0 ? nil : Average(hundredths: (sum * 200 + count) / (count * 2))
    }
}

/// A mean number of stars.
public struct Average: JSONWritable, Sendable {
    let hundredths: Int64

    /// Writes a number with two decimals.
    public func write(to json: inout JSONWriter) { json.decimal(hundredths: hundredths) }
}

/// What a product shows besides its own columns.
public struct ProductContext: Sendable {
    let currency: String
    let visibility: StockVisibility

    /// Shows prices in `currency`, and as much of the stock as `visibility` allows.
    public init(currency: String, showing visibility: StockVisibility = .all) {
        self.currency = currency
        self.visibility = visibility
    }
}

extension Call {
    /// The context of a product that the caller reads.
    public var productContext: ProductContext {
        ProductContext(currency: shop.currency, showing: stockVisibility)
    }
}

extension Product: Record {
    /// The columns of a product.
    public static let columns: SQL = """
        id, \(ProductDetails.columns), stock, rating_sum, rating_count, created_at, updated_at, \
        archived_at
        """
    /// The table of products.
    public static let source: SQL = "products"

    /// Decodes a row with `columns`.
    public init(_ row: Row, _ context: ProductContext) throws {
        // All at once: a value that is made piece by piece is copied.
        self.init(
            id: try row["id"],
            details: ProductDetails(
                sku: try row["sku"], name: try row["name"], category: try row["category"],
                price: try row["price"], lowStock: try row["low_stock"],
                weightGrams: try row["weight_g"], requiresShipping: try row["requires_shipping"],
                taxClass: try row["tax_class"], description: try row["description"]),
            stock: try row["stock"],
            rating: Rating(sum: try row["rating_sum"], count: try row["rating_count"]),
            createdAt: try row["created_at"], updatedAt: try row["updated_at"],
            currency: context.currency, archivedAt: try row["archived_at"],
            visibility: context.visibility)
    }
}

extension Product: JSONWritable {
    /// Writes the product, with as much of its stock as its `visibility` allows.
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
            $0.field("weight_g", details.weightGrams)
            $0.field("requires_shipping", details.requiresShipping)
            $0.field("tax_class", details.taxClass)
            $0.field("rating", rating)
            $0.field("created_at", createdAt)
            $0.field("updated_at", updatedAt)
            $0.field("archived_at", archivedAt)
        }
    }
}

extension Rating: JSONWritable {
    /// Writes the rating; `average` has two decimals and is null if there is no review.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("average", average)
            $0.field("count", count)
        }
    }
}

/// Adds to the rating totals of a product, or subtracts from them.
///
/// One review with four stars counts as 4 stars and 1 review.
public func updateRatingTotals(
    stars: Int64, reviews: Int64, of product: Int64, in tx: any Transaction
)
    throws
{
    try tx.run(
        """
        UPDATE products SET rating_sum = rating_sum + \(stars), rating_count = rating_count + \(reviews)
        WHERE id = \(product)
        """)
}
