public import Customers
import HTTP
import Service
import Storage
import Values

/// The personal data in orders.
///
/// An account with orders that wait for money is not erased.
/// Orders are the shop's books and stay. Erasing an account deletes the reasons of refunds and
/// returns, notes, addresses and tracking numbers, which lead to an address. The country and the
/// region of the tax stay. A job removes the name from past events of orders of other people.
public let personalData: [PersonalData] = [
    PersonalData("orders") { customer, tx in
        try orders(
            "WHERE orders.customer_id = \(customer) ORDER BY orders.created_at, orders.id", in: tx)
    } erase: { customer, tx in
        try refuseOpenOrders(of: customer, in: tx)
        try tx.run(
            """
            UPDATE order_events SET reason = NULL
            WHERE order_id IN (SELECT id FROM orders WHERE customer_id = \(customer))
            """)
        try tx.run(
            """
            UPDATE orders SET email = NULL, note = NULL, shipping_address = NULL,
                billing_address = NULL, guest_key = NULL, guest_network = NULL,
                order_token_hash = NULL, claimed_by = NULL
            WHERE customer_id = \(customer)
            """)
        try tx.run(
            """
            UPDATE order_returns SET reason = NULL, decline_reason = NULL
            WHERE order_id IN (SELECT id FROM orders WHERE customer_id = \(customer))
            """)
        try tx.run(
            """
            UPDATE shipments SET tracking_number = NULL, tracking_url = NULL
            WHERE order_id IN (SELECT id FROM orders WHERE customer_id = \(customer))
            """)
        // The answer that created an order of a guest is that of an anonymous caller.
        for order in try guestOrders(of: customer, in: tx) {
            try forgetAnonymousAnswer(at: "/sales/\(order)", in: tx)
        }
        try enqueueRenameActor(customer, at: .now(), in: tx)
    }
]

/// Rejects the erasure of a customer whose orders wait for money, which no wallet could take.
///
/// - Throws: `Problem` 409 `orders_open`.
private func refuseOpenOrders(of customer: Int64, in tx: any Transaction) throws {
    let open: [Int64] = try tx.all(
        """
        SELECT id FROM orders
        WHERE customer_id = \(customer) AND payment_status = 'unpaid' AND status <> 'cancelled'
        ORDER BY id LIMIT \(unpaidMax) \(.alone("orders"))
        """
    ) { try $0["id"] }
    guard let last = open.last else { return }
    let others = open.dropLast().map(String.init).joined(separator: ", ")
    throw Problem.conflict(
        "orders_open",
        others.isEmpty
            ? "Order \(last) waits for money. Pay or cancel it first."
            : "Orders \(others) and \(last) wait for money. Pay or cancel them first.")
}

/// The order of a guest; nothing for an account.
private func guestOrders(of customer: Int64, in tx: any Transaction) throws -> [Int64] {
    try tx.all(
        """
        SELECT orders.id FROM orders JOIN customers ON customers.id = orders.customer_id
        WHERE orders.customer_id = \(customer) AND customers.guest_email_key IS NOT NULL
        """
    ) { try $0["id"] }
}
