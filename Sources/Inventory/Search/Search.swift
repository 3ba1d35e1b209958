import HTTP
import Service
public import Storage
import Words

/// The full-text index of products: name, SKU and description, where names weigh most.
public let productSearch = FullText(
    "product_search", [("name", weight: 10), ("sku", weight: 10), ("description", weight: 1)])

/// The most products that a search considers: the newest ones that match.
///
/// Filters, sort order and pages are exact among those. With 10,000, a search among a million
/// products took 35 ms. See docs/decisions/0002.
let searchMax = 2000

/// The most different words in a search.
let searchTermsMax = 8

/// The limit on a search's processor time in milliseconds.
private let searchTimeMaxMs: Int64 = 200

/// Runs a search with a time limit.
///
/// - Throws: `Problem` 503 `search_timeout`.
func limited<T>(in tx: any Transaction, _ search: () throws -> T) throws -> T {
    do {
        return try tx.within(milliseconds: searchTimeMaxMs, search)
    } catch StoreError.timeout {
        throw Problem(
            .serviceUnavailable, "search_timeout",
            "The search took too long. Search for fewer or rarer words.",
            fields: [.retryAfter: "1"])
    }
}

/// Indexes the words of a new product in the same transaction.
func index(_ product: Int64, _ details: ProductDetails, in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO product_search (\(.document), name, sku, description)
        VALUES (\(product), \(searchWords(details.name)), \(searchWords(details.sku ?? "")),
            \(searchWords(details.description ?? "")))
        """)
}

/// Removes a product from the full-text index.
func unindex(_ product: Int64, in tx: any Transaction) throws {
    try tx.run("DELETE FROM product_search WHERE \(.document) = \(product)")
}

extension Fields {
    /// Reads `q` as the words that a product must contain.
    mutating func search() -> FullTextQuery? {
        guard let typed = optional("q", .typed(1...120)) else { return nil }
        let terms = searchTerms(typed)
        if terms.count > searchTermsMax {
            fault(
                "q",
                "must have at most \(searchTermsMax) different words; "
                    + "two characters of a script without spaces count as one"
            )
        }
        return FullTextQuery(terms.map { ($0.word, $0.isPrefix) })
    }
}
