import HTTP
import Inventory
import Service
import Storage

/// The parameters of `GET /reviews/summary`.
struct SummaryQuery: Input {
    let product: Int64

    init(_ fields: inout Fields) {
        product = fields.required("product_id", .id)
    }
}

@Sendable func getReviewSummary(_ of: SummaryQuery, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let product = try product(of.product, in: tx, call.productContext)
    let counts: [(rating: Int64, reviews: Int64)] = try tx.all(
        """
        SELECT rating, reviews FROM review_histogram
        WHERE product_id = \(of.product) ORDER BY rating
        """
    ) { (try $0["rating"], try $0["reviews"]) }
    return .ok(Summary(product: product, counts: counts))
}

/// The summary of a product's approved reviews.
private struct Summary: JSONWritable {
    let product: Product
    let counts: [(rating: Int64, reviews: Int64)]

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product.id)
            $0.field("average", product.rating.average)
            $0.field("count", product.rating.count)
            $0.field(
                "histogram",
                object: { json in
                    for (rating, name) in Summary.names {
                        json.field(name, counts.first { $0.rating == rating }?.reviews ?? 0)
                    }
                })
        }
    }

    private static let names: [(Int64, StaticString)] = [
        (1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, "5"),
    ]
}
