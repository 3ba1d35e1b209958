import HTTP
import Service
import Storage

/// The parameters of `GET /inventory`.
struct ProductFilter: Input {
    let conditions: [SQL]
    let sort: String
    let page: Page

    init(_ fields: inout Fields) {
        let category = fields.optional("category", .category)
        let lowest = fields.optional("min_price", .price)
        let highest = fields.optional("max_price", .price)
        let inStock = fields.optional("in_stock", .flag)
        if let lowest, let highest, lowest > highest {
            fields.fault("min_price", "must not be above max_price")
        }
        let sorts =
            Sort.integer("created_at", "created_at")
            + Sort.integer("price", "price", from: lowest?.minorUnits, to: highest?.minorUnits)
            + Sort.text("name", "name")
        page = fields.page(sorts: sorts, standard: "-created_at")
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
    let products = try call.read { tx in
        try tx.all(
            "SELECT \(Product.columns) FROM products \(filter.conditions.conditions) \(filter.page.end)"
        ) {
            try Product($0, in: call.shop.currency)
        }
    }
    return filter.page.response(products, to: call, id: \.id) { product in
        switch filter.sort {
        case "price", "-price": product.details.price.stored
        case "name", "-name": product.details.name.stored
        default: product.createdAt.stored
        }
    }
}
