import HTTP
import Service
import Storage

/// A category and its number of products on sale.
struct Category: JSONWritable, Sendable {
    let name: String
    let count: Int64

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("category", name)
            $0.field("count", count)
        }
    }
}

/// Lists every category that has a product on sale, sorted by name.
@Sendable func listCategories(_ call: Call, in tx: any Transaction) throws -> Response {
    let categories = try tx.all(
        "SELECT name, products FROM categories WHERE products > 0 ORDER BY name"
    ) { Category(name: try $0["name"], count: try $0["products"]) }
    return .ok(Listing(categories))
}

/// Adds `change` to the number of products on sale in a category.
func updateCategoryTotals(_ name: String, _ change: Int64, in tx: any Transaction) throws {
    guard change > 0 else {
        try tx.run("UPDATE categories SET products = products + \(change) WHERE name = \(name)")
        return
    }
    try tx.run(
        """
        INSERT INTO categories (name, products) VALUES (\(name), \(change))
        ON CONFLICT (name) DO UPDATE SET products = categories.products + excluded.products
        """)
}
