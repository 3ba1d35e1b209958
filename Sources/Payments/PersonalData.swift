public import Customers
import Storage

/// The personal data in payments.
///
/// Payments are the shop's books and stay. Erasing an account removes its addresses on the web, and
/// ends the payments that have not been made.
public let personalData: [PersonalData] = [
    PersonalData("payments") { customer, tx in
        try payments("WHERE payments.customer_id = \(customer) ORDER BY payments.id", in: tx)
    } erase: { customer, tx in
        try tx.run(
            """
            UPDATE payments SET status = 'expired'
            WHERE customer_id = \(customer) AND status = 'pending'
            """)
        try tx.run(
            """
            UPDATE payments SET url = NULL, return_url = NULL, error = NULL
            WHERE customer_id = \(customer)
            """)
    }
]
