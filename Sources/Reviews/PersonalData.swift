public import Customers
import Storage

/// What reviews hold about people.
///
/// Their stars go on counting; their words go.
public let personalData = PersonalData("reviews") { customer, tx in
    try reviews("WHERE review.customer_id = \(customer) ORDER BY review.product_id", in: tx)
} erase: { customer, tx in
    try tx.run("UPDATE review_flags SET reason = '' WHERE customer_id = \(customer)")
    try tx.run(
        """
        UPDATE reviews SET title = NULL, comment = NULL, rejection = NULL
        WHERE customer_id = \(customer)
        """)
}
