public import Customers
import HTTP
import Service
import Storage
import Values

/// The personal data in reviews.
///
/// Erasing an account deletes its texts, and the texts that others wrote to it or about it. Its
/// ratings, votes and flags still count.
public let personalData: [PersonalData] = [
    PersonalData("reviews") { customer, tx in
        try tx.all(Review.self, "WHERE review.customer_id = \(customer) ORDER BY review.product_id")
    } erase: { customer, tx in
        try tx.run(
            """
            UPDATE review_flags SET reason = ''
            WHERE review_id IN (SELECT id FROM reviews WHERE customer_id = \(customer))
            """)
        try tx.run(
            """
            UPDATE reviews SET title = NULL, comment = NULL, rejection = NULL, reply = NULL,
                replied_at = NULL
            WHERE customer_id = \(customer)
            """)
    },
    PersonalData("review_votes") { customer, tx in
        try tx.all("SELECT review_id FROM review_votes WHERE customer_id = \(customer)") {
            Vote(review: try $0["review_id"])
        }
    },
    PersonalData("review_flags") { customer, tx in
        try tx.all(
            "SELECT review_id, reason, created_at FROM review_flags WHERE customer_id = \(customer)"
        ) {
            RaisedFlag(
                review: try $0["review_id"], reason: try $0["reason"],
                createdAt: try $0["created_at"])
        }
    } erase: { customer, tx in
        try tx.run("UPDATE review_flags SET reason = '' WHERE customer_id = \(customer)")
    },
]

private struct Vote: JSONWritable {
    let review: Int64

    func write(to json: inout JSONWriter) {
        json.object { $0.field("review_id", review) }
    }
}

private struct RaisedFlag: JSONWritable {
    let review: Int64
    let reason: String
    let createdAt: Instant

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("review_id", review)
            $0.field("reason", reason)
            $0.field("created_at", createdAt)
        }
    }
}
