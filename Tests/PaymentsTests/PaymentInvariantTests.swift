import Storage
import TestShop
import Testing

@testable import Payments

/// `souk check` finds damage of payments.
@Suite struct PaymentInvariantTests {
    static let rows: [(damage: SQL, subject: String)] = [
        ("UPDATE payments SET captured = 5001", "payment 1"),
        ("UPDATE payment_events SET captured = 4999 WHERE captured > 0", "payment 1"),
        ("UPDATE payments SET refunded = 1999", "payment 1"),
        ("UPDATE refunds SET amount = 2001", "payment 1"),
        ("UPDATE refunds SET status = 'rejected'", "payment 1"),
        ("UPDATE refunds SET debited = 1", "payment 1 of customer 2"),
        ("DELETE FROM wallet_entries WHERE kind = 'paid_in'", "payment 1 of customer 2"),
        ("UPDATE wallet_entries SET kind = 'credited'", "payment 1 of customer 2"),
        ("UPDATE wallet_entries SET payment_id = NULL", "payment 0 of customer 2"),
        ("UPDATE wallet_entries SET payment_id = 2", "payment 2 of customer 2"),
        ("UPDATE payments SET customer_id = 1", "payment 1 of customer 1"),
        (
            """
            INSERT INTO wallet_entries (customer_id, amount, balance_after, kind, payment_id,
                actor_id, created_at)
            VALUES (2, 5000, 8000, 'paid_in', 1, 2, 0)
            """, "payment 1 of customer 2"
        ),
        ("UPDATE payments SET captured_at = NULL", "payment 1"),
    ]

    @Test(arguments: rows) func reports(damage: SQL, subject: String) throws {
        let till = try Till()
        try till.topUp()
        try till.deliver(till.stripe.pay("cs_test_1"))
        try till.refund(2000)
        #expect(try till.shop.breaches() == [])
        try till.shop.store.write { try $0.run(damage) }
        let found = try till.shop.breaches()
        #expect(found.contains(subject), "\(found)")
    }

    /// Constraints of the tables need no check.
    @Test func refusesWhatTheTablesForbid() throws {
        let till = try Till()
        try till.topUp()
        try till.deliver(till.stripe.pay("cs_test_1"))
        let forbidden: [(SQL, String)] = [
            ("UPDATE payments SET refunded = 5001", "payments_refunded"),
            ("UPDATE payments SET status = 'paid'", "payments_status"),
            ("UPDATE payments SET amount = 0", "payments_amount"),
        ]
        for (sql, name) in forbidden {
            #expect(throws: StoreError.constraint(name)) {
                try till.shop.store.write { try $0.run(sql) }
            }
        }
        #expect(try till.shop.breaches() == [])
    }
}
