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
        category = fields.optional("category", .category)
        lowestPrice = fields.optional("min_price", .price)
        highestPrice = fields.optional("max_price", .price)
        inStock = fields.optional("in_stock", .flag)
        if let lowestPrice, let highestPrice, lowestPrice > highestPrice {
            fields.fault("min_price", "must not be above max_price")
        }
        query = fields.search()
        // What a search has found is read by id, so no index may take the lead.
        let isSearch = query != nil
        let range = (lowestPrice?.minorUnits, highestPrice?.minorUnits)
        let orders =
            Sort.integer("created_at", isSearch ? "\(.unindexed)created_at" : "created_at")
            + Sort.integer(
                "price", isSearch ? "\(.unindexed)price" : "price", from: range.0, to: range.1)
            + Sort.text("name", isSearch ? "\(.unindexed)name_key" : "name_key")
        page = fields.page(
            sorts: isSearch ? [.descending("relevance", "score")] + orders : orders,
            standard: isSearch ? "relevance" : "-created_at")
    }

    /// What the order of the page is by.
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
    /// An order by price reads only its range of the index and needs no condition for it. For any
    /// other order, the planner would read the whole range by the index of prices and sort it.
    var conditions: [SQL] {
        ([category.map { "category = \($0)" }] + rowConditions).compactMap { $0 }
    }

    /// The conditions for products that a search has found, none of which an index may serve.
    ///
    /// Archived products are not in the index of words.
    var searchConditions: [SQL] {
        ([category.map { "\(.unindexed)category = \($0)" }] + rowConditions).compactMap { $0 }
    }

    private var rowConditions: [SQL?] {
        let prices: [SQL?] =
            order == .price
            ? []
            : [
                lowestPrice.map { "\(.unindexed)price >= \($0)" },
                highestPrice.map { "\(.unindexed)price <= \($0)" },
            ]
        return prices + [inStock.map { $0 ? "stock > 0" : "\(.unindexed)stock = 0" }]
    }

    /// Conditions that may hold for few products, each found by an index in another order than the
    /// page's.
    var selectiveConditions: [[SQL]] {
        let prices: [SQL] =
            order == .price
            ? []
            : [
                lowestPrice.map { "price >= \($0)" as SQL },
                highestPrice.map { "price <= \($0)" },
            ].compactMap { $0 }
        let common: [SQL] =
            ["archived_at IS NULL"] + [category.map { "category = \($0)" }].compactMap { $0 }
        return [prices, inStock == false ? ["stock = 0"] : []].filter { !$0.isEmpty }
            .map { common + $0 }
    }
}

/// What a list of products is ordered by.
enum ProductOrder {
    case relevance
    case createdAt
    case price
    case name
}
