import HTTP
import Service
import Storage

/// The parameters of `GET /inventory`.
struct ProductFilter: Input {
    let conditions: [SQL]
    let page: Page
    let query: FullTextQuery?

    init(_ fields: inout Fields) {
        let category = fields.optional("category", .category)
        let lowest = fields.optional("min_price", .price)
        let highest = fields.optional("max_price", .price)
        let inStock = fields.optional("in_stock", .flag)
        if let lowest, let highest, lowest > highest {
            fields.fault("min_price", "must not be above max_price")
        }
        let typed = fields.optional("q", .line(1...120))
        query = typed.map(FullTextQuery.init(typed:))
        let columns = query == nil ? ProductColumns.indexed : .searched
        let sorts =
            (query == nil ? [] : [Sort.descending("relevance", "score")])
            + Sort.integer("created_at", columns.createdAt)
            + Sort.integer(
                "price", columns.price, from: lowest?.minorUnits, to: highest?.minorUnits)
            + Sort.text("name", columns.name)
        page = fields.page(
            sorts: sorts, standard: query == nil ? "-created_at" : "relevance")
        // An order by price reads its range of the index and needs no more. The plus keeps another
        // order in its own index: it would be left for this one, and the whole range sorted for
        // each page.
        let isByPrice = page.sortName.hasSuffix("price")
        conditions =
            ["archived_at IS NULL"]
            + [
                category.map { "\(columns.category) = \($0)" },
                isByPrice ? nil : lowest.map { "+price >= \($0)" },
                isByPrice ? nil : highest.map { "+price <= \($0)" },
                inStock.map { $0 ? "stock > 0" : "stock = 0" },
            ].compactMap { $0 }
    }
}

/// The columns that a list is filtered and ordered by, as they stand in the indexes; or as
/// expressions that none serves, so that a search begins with what it has found.
private struct ProductColumns {
    let category: SQL
    let name: SQL
    let price: SQL
    let createdAt: SQL

    static let indexed = ProductColumns(
        category: "category", name: "name", price: "price", createdAt: "created_at")
    static let searched = ProductColumns(
        category: "category || ''", name: "name || ''", price: "+price", createdAt: "+created_at")
}

@Sendable func listProducts(_ call: Call, _ filter: ProductFilter) throws -> Response {
    let page = filter.page
    let currency = call.shop.currency
    let found = try call.read { tx in
        guard let query = filter.query else {
            return try page.read { try listed($0, filter, in: tx, currency: currency) }
        }
        return try searched(query, page.whole, filter, in: tx, currency: currency)
    }
    return page.response(found, to: call, id: \.product.id) { found in
        switch page.sortName {
        case "relevance": found.score.stored
        case "price", "-price": found.product.details.price.stored
        case "name", "-name": found.product.details.name.stored
        default: found.product.createdAt.stored
        }
    }
}

/// A product in a list, and how well it fits what was searched for.
struct FoundProduct: JSONWritable {
    let product: Product
    var score: Int64 = 0

    func write(to json: inout JSONWriter) { product.write(to: &json) }
}

private func listed(
    _ stretch: Page.Stretch, _ filter: ProductFilter, in tx: any Transaction, currency: String
) throws -> [FoundProduct] {
    try tx.all(
        """
        SELECT \(Product.columns) FROM products
        \((filter.conditions + [stretch.condition]).conditions) \(stretch.end)
        """
    ) { FoundProduct(product: try Product($0, in: currency)) }
}

/// Filters and sorts everything that the search finds, `searchMax` products and no more.
private func searched(
    _ query: FullTextQuery, _ stretch: Page.Stretch, _ filter: ProductFilter,
    in tx: any Transaction, currency: String
) throws -> [FoundProduct] {
    // What is not in the order of its rank is not ranked: that counts every product with a word.
    let score: SQL =
        filter.page.sortName == "relevance" ? "\(.score(productSearch)) AS score" : "0 AS score"
    return try tx.all(
        """
        SELECT \(Product.columns), score FROM (
            SELECT \(.document) AS document, \(score) FROM product_search
            WHERE \(.fits(productSearch)) \(query) ORDER BY \(.document) DESC LIMIT \(searchMax)
        ) AS found JOIN products ON products.id = found.document
        \((filter.conditions + [stretch.condition]).conditions) \(stretch.end)
        """
    ) { FoundProduct(product: try Product($0, in: currency), score: try $0["score"]) }
}
