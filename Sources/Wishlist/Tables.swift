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
        ]),
    Migration(
        "wishlist/2 messages about products in stock again",
        [
            // When the customer last got a message about the product.
            "ALTER TABLE wishlist_items ADD COLUMN noticed_at \(.int64)",
            """
            CREATE INDEX wishlist_items_by_product ON wishlist_items (product_id, customer_id)
            """,
        ]),
]
