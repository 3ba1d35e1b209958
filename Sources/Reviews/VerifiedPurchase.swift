public import Sales
import Storage

/// Removes `verified_purchase` from a review once its author has returned all units of the product.
public let returnObserver = ReturnObserver { product, customer, tx in
    let row = try tx.first(
        """
        SELECT id FROM reviews
        WHERE customer_id = \(customer) AND product_id = \(product) AND verified_purchase = 1
        \(.alone("reviews"))
        """)
    guard let id: Int64 = try row?["id"], try !hasBought(product, by: customer, in: tx) else {
        return
    }
    try tx.run("UPDATE reviews SET verified_purchase = 0 WHERE id = \(id)")
}
