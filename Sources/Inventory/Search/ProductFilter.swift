import HTTP
import Service
import Storage
import Values

/// The parameters of `GET /inventory`.
struct ProductFilter: Input {
    let category: String?
    let lowestPrice: Money?
    let highestPrice: Money?
    let inStock: Bool?
    let query: FullTextQuery?
    let page: Page

    init(_ fields: inout Fields) {
        category = fields.optional("category", .slug)
        lowestPrice = fields.optional("min_price", .price)
        highestPrice = fields.optional("max_price", .price)
        inStock = fields.optional("in_stock", .flag)
        if let lowestPrice, let highestPrice, lowestPrice > highestPrice {
            fields.fault("min_price", "must not be above max_price")
        }
        query = fields.search()
        // The products of a search are read by id, so the engine must not start with another index.
        let isSearch = query != nil
        let range = (lowestPrice?.minorUnits, highestPrice?.minorUnits)
        let orders =
            Sort.integer("created_at", isSearch ? "\(.unindexedNumber)created_at" : "created_at")
            + Sort.integer(
                "price", isSearch ? "\(.unindexedNumber)price" : "price", from: range.0, to: range.1
            )
            + Sort.text("name", isSearch ? "\(.unindexed)name_key" : "name_key")
        page = fields.page(
            sorts: isSearch ? [.descending("relevance", "score")] + orders : orders,
            standard: isSearch ? "relevance" : "-created_at")
    }

    /// The sort order of the page.
    var order: ProductOrder {
        switch page.sortName {
        case "relevance": .relevance
        case "price", "-price": .price
        case "name", "-name": .name
        default: .createdAt
        }
    }

    /// The conditions for rows that are read in the order of the page.
    ///
    /// In the order of price, the page reads only its range of the index and needs no condition. In
    /// any other order, the planner would read the whole price range by its index and sort it.
    var conditions: [SQL] {
        ([category.map { "category = \($0)" }] + rowConditions).compactMap { $0 }
    }

    /// The conditions for products that a search has found, written so that no index serves them.
    ///
    /// The full-text index contains no archived products.
    var searchConditions: [SQL] {
        ([category.map { "\(.unindexed)category = \($0)" }] + rowConditions).compactMap { $0 }
    }

    private var rowConditions: [SQL?] {
        let prices: [SQL?] =
            order == .price
            ? []
            : [
                lowestPrice.map { "\(.unindexedNumber)price >= \($0)" },
                highestPrice.map { "\(.unindexedNumber)price <= \($0)" },
            ]
        return prices + [inStock.map { $0 ? "stock > 0" : "stock = 0" }]
    }

    /// Conditions that may match few products, each with an index in another order than the page.
    ///
    /// They are in the order of that index, so that an engine that plans for any price uses it.
    var selectiveConditions: [SQL] {
        let prices: [SQL] =
            order == .price
            ? []
            : [
                lowestPrice.map { "price >= \($0)" as SQL },
                highestPrice.map { "price <= \($0)" },
            ].compactMap { $0 }
        let common: [SQL] =
            ["archived_at IS NULL"] + [category.map { "category = \($0)" }].compactMap { $0 }
        var found: [SQL] = []
        if !prices.isEmpty { found.append("\((common + prices).conditions) ORDER BY price") }
        if inStock == false { found.append((common + ["is_out_of_stock = 1"]).conditions) }
        return found
    }
}

/// The sort order of a list of products.
enum ProductOrder {
    case relevance
    case createdAt
    case price
    case name
}
