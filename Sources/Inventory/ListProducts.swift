import HTTP
import Service
import Storage

/// The parameters of `GET /inventory`.
struct ProductFilter: Input {
    let conditions: [SQL]
    let sort: String
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
        let sorts =
            (query == nil ? [] : [Sort.descending("relevance", "score")])
            + Sort.integer("created_at", "created_at")
            + Sort.integer("price", "price", from: lowest?.minorUnits, to: highest?.minorUnits)
            + Sort.text("name", "name")
        page = fields.page(
            sorts: sorts, standard: query == nil ? "-created_at" : "relevance")
        sort = page.sortName
        // An order by price reads its range of the index. The plus keeps another order in its own
        // index: it would be left for this one, and the whole range sorted for each page.
        let price: SQL = sort.hasSuffix("price") ? "price" : "+price"
        conditions =
            ["archived_at IS NULL", page.condition]
            + [
                category.map { "category = \($0)" },
                lowest.map { "\(price) >= \($0)" },
                highest.map { "\(price) <= \($0)" },
                inStock.map { $0 ? "stock > 0" : "stock = 0" },
            ].compactMap { $0 }
    }
}

@Sendable func listProducts(_ call: Call, _ filter: ProductFilter) throws -> Response {
    let found = try call.read { tx in
        try tx.all(
            """
            SELECT \(Product.columns), \(filter.score)
            FROM \(filter.source) \(filter.conditions.conditions) \(filter.page.end)
            """
        ) { FoundProduct(product: try Product($0, in: call.shop.currency), score: try $0["score"]) }
    }
    return filter.page.response(found, to: call, id: \.product.id) { found in
        switch filter.sort {
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
    let score: Int64

    func write(to json: inout JSONWriter) { product.write(to: &json) }
}

extension ProductFilter {
    fileprivate var score: SQL { query == nil ? "0 AS score" : "score" }

    /// The table, or that part of it which fits the search best.
    fileprivate var source: SQL {
        guard let query else { return "products" }
        return """
            (
                SELECT \(.document) AS document, \(.score(productSearch)) AS score FROM product_search
                WHERE \(.fits(productSearch)) \(query) ORDER BY score DESC LIMIT \(searchMax)
            ) AS found JOIN products ON products.id = found.document
            """
    }
}
