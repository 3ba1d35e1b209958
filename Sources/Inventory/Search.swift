public import Storage

/// What can be searched for: name, SKU and description, a word of the name counting most.
public let productSearch = FullText(
    "product_search", [("name", weight: 10), ("sku", weight: 10), ("description", weight: 1)])

/// A search looks at this many products that have its words, the newest of them, and at all where
/// there are fewer.
///
/// Filters, order and pages are exact among those. Among a million products that all have the word,
/// looking at 10 000 takes a tenth of a second, at all of them more than one.
let searchMax: Int64 = 10_000

/// Makes the words of a new product findable, in its commit.
func index(_ product: Int64, _ details: ProductDetails, in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO product_search (\(.document), name, sku, description)
        VALUES (\(product), \(details.name), \(details.sku ?? ""), \(details.description ?? ""))
        """)
}

/// Makes a product unfindable.
func unindex(_ product: Int64, in tx: any Transaction) throws {
    try tx.run("DELETE FROM product_search WHERE \(.document) = \(product)")
}
