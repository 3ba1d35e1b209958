public import Storage

/// The invariants of carts.
public let invariants: [Invariant] = [
    Invariant(
        "The order of a cart belongs to the customer of the cart, or to a guest.",
        breaches: """
            SELECT 'cart ' || carts.id || ', order ' || carts.order_id AS subject
            FROM carts LEFT JOIN orders ON orders.id = carts.order_id
            WHERE carts.order_id IS NOT NULL
                AND (orders.id IS NULL OR orders.customer_id <> carts.customer_id)
            """),
    Invariant(
        "A cart that was checked out has no lines.",
        breaches: """
            SELECT 'cart ' || carts.id AS subject FROM carts
            WHERE carts.order_id IS NOT NULL
                AND EXISTS (SELECT product_id FROM cart_items WHERE cart_id = carts.id)
            """),
    Invariant(
        "A cart has at most 100 lines.",
        breaches: """
            SELECT 'cart ' || cart_id || ' has ' || COUNT(*) || ' lines' AS subject
            FROM cart_items GROUP BY cart_id HAVING COUNT(*) > 100
            """),
]
