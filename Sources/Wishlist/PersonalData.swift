public import Customers
import HTTP
import Service
import Storage
import Values

/// The personal data of wishlists; erasing an account deletes its wishlist.
public let personalData: [PersonalData] = [
    PersonalData("wishlist") { customer, tx in
        try tx.all(
            """
            SELECT product_id, created_at FROM wishlist_items WHERE customer_id = \(customer)
            ORDER BY product_id
            """
        ) { ExportedItem(product: try $0["product_id"], createdAt: try $0["created_at"]) }
    } erase: { customer, tx in
        try tx.run("DELETE FROM wishlist_items WHERE customer_id = \(customer)")
    }
]

private struct ExportedItem: JSONWritable {
    let product: Int64
    let createdAt: Instant

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product)
            $0.field("created_at", createdAt)
        }
    }
}
