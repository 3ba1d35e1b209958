import HTTP
import Service
import Storage
import Words

/// The parameters of `GET /inventory`.
struct ProductFilter: Input {
    let conditions: [SQL]
    /// Conditions that may fit only a few products, each found by an index that has another order
    /// than the page.
    let narrow: [SQL]
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
        query = fields.search()
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
        // What is archived cannot be found, so a search need not look whether it is.
        conditions =
            (query == nil ? ["archived_at IS NULL"] : [])
            + [
                category.map { "\(columns.category) = \($0)" },
                isByPrice ? nil : lowest.map { "+price >= \($0)" },
                isByPrice ? nil : highest.map { "+price <= \($0)" },
                inStock.map { $0 ? "stock > 0" : "+stock = 0" },
            ].compactMap { $0 }
        let range =
            isByPrice
            ? []
            : [lowest.map { "price >= \($0)" as SQL }, highest.map { "price <= \($0)" }]
                .compactMap { $0 }
        narrow = [range, inStock == false ? ["stock = 0"] : []].filter { !$0.isEmpty }.map {
            (["archived_at IS NULL"] + [category.map { "category = \($0)" }].compactMap { $0 } + $0)
                .conditions
        }
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
        category: "category", name: "name_key", price: "price", createdAt: "created_at")
    static let searched = ProductColumns(
        category: "category || ''", name: "name_key || ''", price: "+price",
        createdAt: "+created_at")
}

@Sendable func listProducts(_ filter: ProductFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let page = filter.page
    let currency = call.shop.currency
    let visibility = call.stockVisibility
    let found =
        if let query = filter.query {
            try limited(in: tx) {
                try searched(
                    query, page.whole, filter, in: tx, currency: currency, showing: visibility)
            }
        } else {
            try listed(filter, in: tx, currency: currency, showing: visibility)
        }
    return page.response(found, to: call, id: \.product.id) { found in
        switch page.sortName {
        case "relevance": found.score.stored
        case "price", "-price": found.product.details.price.stored
        case "name", "-name": sortKey(found.product.details.name).stored
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

/// Where no more than this many products fit a condition they are all read, and sorted; where more
/// do, those in the order of the page are read until it is full.
///
/// Among a million products either takes some 10 ms at this number. To read on for the only three
/// that are out of stock took 3 s.
private let fewMax: Int64 = 3000

private func listed(
    _ filter: ProductFilter, in tx: any Transaction, currency: String,
    showing visibility: StockVisibility
) throws -> [FoundProduct] {
    let page = filter.page
    for condition in filter.narrow {
        let row = try tx.first(
            """
            SELECT COUNT(*) AS count FROM (
                SELECT id FROM products \(condition) LIMIT \(fewMax + 1)
            ) AS few
            """)
        guard let count: Int64 = try row?["count"], count <= fewMax else { continue }
        // CROSS, because SQLite keeps to the order in which such tables are written.
        return try listed(
            "(SELECT id AS few_id FROM products \(condition)) AS few CROSS JOIN products",
            where: ["products.id = few.few_id"] + filter.conditions, page.whole, in: tx,
            currency: currency, showing: visibility)
    }
    return try page.read {
        try listed(
            "products", where: filter.conditions, $0, in: tx, currency: currency,
            showing: visibility)
    }
}

private func listed(
    _ tables: SQL, where conditions: [SQL], _ stretch: Page.Stretch, in tx: any Transaction,
    currency: String, showing visibility: StockVisibility
) throws -> [FoundProduct] {
    try tx.all(
        """
        SELECT \(Product.columns) FROM \(tables)
        \((conditions + [stretch.condition]).conditions) \(stretch.end)
        """
    ) { FoundProduct(product: try Product($0, in: currency, showing: visibility)) }
}

/// Filters and sorts everything that the search finds, `searchMax` products and no more.
private func searched(
    _ query: FullTextQuery, _ stretch: Page.Stretch, _ filter: ProductFilter,
    in tx: any Transaction, currency: String, showing visibility: StockVisibility
) throws -> [FoundProduct] {
    guard !query.isEmpty else { return [] }
    // What is not in the order of its rank is not ranked.
    let isRanked = filter.page.sortName == "relevance"
    let score: SQL = isRanked ? "\(.score(productSearch)) AS score" : "0 AS score"
    let found: SQL = """
        (
            SELECT \(.document) AS id, \(score) FROM product_search
            WHERE \(.fits(productSearch)) \(query) ORDER BY \(.document) DESC LIMIT \(searchMax)
        ) AS found
        """
    // Where rank alone decides, products are read once it is known which of them are shown.
    let shown: SQL =
        isRanked && filter.conditions.isEmpty
        ? "(SELECT id, score FROM \(found) WHERE \(stretch.condition) \(stretch.end)) AS shown"
        : found
    return try tx.all(
        """
        SELECT \(Product.columns), score FROM \(shown) JOIN products USING (id)
        \((filter.conditions + [stretch.condition]).conditions) \(stretch.end)
        """
    ) {
        FoundProduct(
            product: try Product($0, in: currency, showing: visibility), score: try $0["score"])
    }
}
