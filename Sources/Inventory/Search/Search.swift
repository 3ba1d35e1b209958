import HTTP
import Service
public import Storage
import Words

/// What can be searched for: name, SKU and description, a word of the name counting most.
public let productSearch = FullText(
    "product_search", [("name", weight: 10), ("sku", weight: 10), ("description", weight: 1)])

/// A search considers at most this many of the products that have its words: the newest.
///
/// Filters, order and pages are exact among those. The cost of a search is proportional to it:
/// 10,000 products of a million took 35 ms.
let searchMax: Int64 = 2000

/// A search has at most this many different words.
let searchTermsMax = 8

/// A search is stopped after this time.
private let searchTimeMaxMs: Int64 = 200

/// Runs a search, which may not take long.
/// - Throws: `Problem` 503 `search_timeout`.
func limited<T>(in tx: any Transaction, _ search: () throws -> T) throws -> T {
    do {
        return try tx.within(milliseconds: searchTimeMaxMs, search)
    } catch StoreError.timeout {
        throw Problem(
            .serviceUnavailable, "search_timeout",
            "The search took longer than \(searchTimeMaxMs) ms. Search for fewer or rarer words.",
            fields: [.retryAfter: "1"])
    }
}

/// Makes the words of a new product findable, in its commit.
func index(_ product: Int64, _ details: ProductDetails, in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO product_search (\(.document), name, sku, description)
        VALUES (\(product), \(searchWords(details.name)), \(searchWords(details.sku ?? "")),
            \(searchWords(details.description ?? "")))
        """)
}

/// Makes a product unfindable.
func unindex(_ product: Int64, in tx: any Transaction) throws {
    try tx.run("DELETE FROM product_search WHERE \(.document) = \(product)")
}

extension Fields {
    /// `q`, as the words that a product must have.
    mutating func search() -> FullTextQuery? {
        guard let typed = optional("q", .typed(1...120)) else { return nil }
        let terms = searchTerms(typed)
        if terms.count > searchTermsMax {
            fault(
                "q",
                "must have at most \(searchTermsMax) different words; two characters of a script without spaces count as one"
            )
        }
        return FullTextQuery(terms.map { ($0.word, $0.isPrefix) })
    }
}
