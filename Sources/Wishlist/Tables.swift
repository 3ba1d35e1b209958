public import Storage

/// The table of wishlists.
public let tables: [Migration] = [
    Migration(
        "wishlist/1 wishlist items",
        [
            """
            CREATE TABLE wishlist_items (
                customer_id \(.int64) NOT NULL REFERENCES customers (id),
                product_id \(.int64) NOT NULL REFERENCES products (id),
                created_at \(.int64) NOT NULL,
                PRIMARY KEY (customer_id, product_id)
            ) \(.strict)
            """
        ])
]
