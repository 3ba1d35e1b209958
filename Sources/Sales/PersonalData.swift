public import Customers
import Storage

/// What sales hold about people.
///
/// Orders are the shop's books and stay, without what staff wrote to them; wishes go.
public let personalData: [PersonalData] = [
    PersonalData("orders") { customer, tx in
        try sales(
            "WHERE orders.customer_id = \(customer) ORDER BY orders.created_at, orders.id", in: tx)
    } erase: { customer, tx in
        try tx.run(
            """
            UPDATE order_events SET reason = NULL
            WHERE order_id IN (SELECT id FROM orders WHERE customer_id = \(customer))
            """)
    },
    PersonalData("wishlist") { customer, tx in
        try tx.all(
            """
            SELECT product_id, created_at FROM wishes WHERE customer_id = \(customer)
            ORDER BY product_id
            """
        ) { BareWish(product: try $0["product_id"], createdAt: try $0["created_at"]) }
    } erase: { customer, tx in
        try tx.run("DELETE FROM wishes WHERE customer_id = \(customer)")
    },
]
