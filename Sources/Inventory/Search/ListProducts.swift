import HTTP
import Service
import Storage
import Words

@Sendable func listProducts(_ filter: ProductFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let found = try findProducts(filter, in: tx, call.productContext)
    return filter.page.response(found, to: call, id: \.product.id) { found in
        switch filter.order {
        case .relevance: found.score.stored
        case .price: found.product.details.price.stored
        case .name: sortKey(found.product.details.name).stored
        case .createdAt: found.product.createdAt.stored
        }
    }
}

/// A product in a list, with its rank in a search.
struct FoundProduct: JSONWritable {
    let product: Product
    var score: Int64 = 0

    func write(to json: inout JSONWriter) { product.write(to: &json) }
}

/// The plan for reading a page of products.
private enum Plan {
    /// Full-text search.
    case search(FullTextQuery)
    /// Read all products that meet a condition which few meet, then sort them.
    case fewMatches(SQL)
    /// Read in the order of the page until it is full.
    case ordered
}

private func findProducts(
    _ filter: ProductFilter, in tx: any Transaction, _ context: ProductContext
) throws -> [FoundProduct] {
    switch try plan(for: filter, in: tx) {
    case .search(let query):
        try limited(in: tx) { try search(query, filter, in: tx, context) }
    case .fewMatches(let conditions):
        try readFewMatches(conditions, filter, in: tx, context)
    case .ordered:
        try readOrdered(filter, in: tx, context)
    }
}

/// The most products with a selective condition that are read and sorted.
///
/// With a million products, either plan takes about 10 ms at this number. Reading in the order of
/// the page took 3 s to find the only three products out of stock.
private let fewMax: Int64 = 3000

private func plan(for filter: ProductFilter, in tx: any Transaction) throws -> Plan {
    if let query = filter.query { return .search(query) }
    for matching in filter.selectiveConditions {
        let row = try tx.first(
            """
            SELECT COUNT(*) AS count FROM (
                SELECT id FROM products \(matching) LIMIT \(fewMax + 1)
            ) AS few
            """)
        if let count: Int64 = try row?["count"], count <= fewMax { return .fewMatches(matching) }
    }
    return .ordered
}

private func readOrdered(
    _ filter: ProductFilter, in tx: any Transaction, _ context: ProductContext
) throws -> [FoundProduct] {
    try filter.page.read { range in
        let conditions = ["archived_at IS NULL"] + filter.conditions + [range.condition]
        return try tx.all(
            """
            SELECT \(Product.columns) FROM \(Product.source)
            \(conditions.conditions) \(range.end)
            """
        ) { FoundProduct(product: try Product($0, context)) }
    }
}

private func readFewMatches(
    _ matching: SQL, _ filter: ProductFilter, in tx: any Transaction, _ context: ProductContext
) throws -> [FoundProduct] {
    let range = filter.page.whole
    let conditions = filter.conditions + [range.condition]
    return try tx.all(
        """
        SELECT \(Product.columns)
        FROM (SELECT * FROM products \(matching) LIMIT \(fewMax)) AS few
        \(conditions.conditions) \(range.end)
        """
    ) { FoundProduct(product: try Product($0, context)) }
}

/// Ranks, filters and sorts the newest `searchMax` products that match.
private func search(
    _ query: FullTextQuery, _ filter: ProductFilter, in tx: any Transaction,
    _ context: ProductContext
) throws -> [FoundProduct] {
    guard !query.isEmpty else { return [] }
    let range = filter.page.whole
    let isRanked = filter.order == .relevance
    let newest = SQL(newest: searchMax, of: productSearch, matching: query, isRanked: isRanked)
    let found: SQL = "(\(newest)) AS found"
    // If only the rank decides, only the products of the page are read.
    let shown: SQL =
        isRanked && filter.searchConditions.isEmpty
        ? "(SELECT id, score FROM \(found) WHERE \(range.condition) \(range.end)) AS shown"
        : found
    return try tx.all(
        """
        SELECT \(Product.columns), score FROM \(shown) JOIN products USING (id)
        \((filter.searchConditions + [range.condition]).conditions) \(range.end)
        """
    ) { FoundProduct(product: try Product($0, context), score: try $0["score"]) }
}
