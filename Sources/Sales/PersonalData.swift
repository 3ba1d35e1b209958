public import Customers
import Storage

/// What orders hold about a person.
///
/// Orders are the shop's books and stay; erasing an account deletes the reasons that staff wrote.
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
    }
]
