public import Customers
import Storage
import Values

/// The personal data in orders.
///
/// Orders are the shop's books and stay. Erasing an account deletes the reasons that staff wrote,
/// notes and addresses. The country and the region of the tax stay. A job removes the name from past
/// events of orders of other people.
public let personalData: [PersonalData] = [
    PersonalData("orders") { customer, tx in
        try orders(
            "WHERE orders.customer_id = \(customer) ORDER BY orders.created_at, orders.id", in: tx)
    } erase: { customer, tx in
        try tx.run(
            """
            UPDATE order_events SET reason = NULL
            WHERE order_id IN (SELECT id FROM orders WHERE customer_id = \(customer))
            """)
        try tx.run(
            """
            UPDATE orders SET email = NULL, note = NULL, shipping_address = NULL,
                billing_address = NULL
            WHERE customer_id = \(customer)
            """)
        try enqueueRenameActor(customer, at: .now(), in: tx)
    }
]
