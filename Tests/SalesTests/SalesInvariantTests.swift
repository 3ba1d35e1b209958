import Storage
import TestShop
import Testing

@testable import Sales

@Suite struct SalesInvariantTests {
    static let rows: [(damage: SQL, subject: String)] = [
        (
            "UPDATE orders SET subtotal = 4751, total = 4751 WHERE id = 1",
            "order 1 costs 4751, its lines 4750"
        ),
        (
            "UPDATE order_lines SET unit_price = 251 WHERE order_id = 1 AND product_id = 1",
            "order 1 costs 4750, its lines 4753"
        ),
        (
            "UPDATE order_lines SET discount = 1 WHERE order_id = 1 AND product_id = 1",
            "order 1 costs 4750, its lines 4749"
        ),
        (
            "UPDATE orders SET subtotal = 4751, discount = 1 WHERE id = 1",
            "order 1 costs 4750, its lines 4750"
        ),
        (
            "UPDATE order_lines SET tax = 1 WHERE order_id = 1 AND product_id = 1",
            "order 1 costs 4750, its lines 4750"
        ),
        ("UPDATE orders SET status = 'pending' WHERE id = 1", "order 1 is pending"),
        ("UPDATE orders SET hold_until = 1 WHERE id = 1", "order 1 is paid"),
        (
            "DELETE FROM order_lines WHERE order_id = 1",
            "order 1 costs 4750, its lines 0"
        ),
        (
            "UPDATE orders SET customer_id = 2 WHERE id = 1",
            "order 1 costs 4750, the wallet paid 0"
        ),
        (
            "DELETE FROM wallet_entries WHERE order_id = 1",
            "order 1 costs 4750, the wallet paid 0"
        ),
        (
            "UPDATE wallet_entries SET kind = 'debited' WHERE order_id = 1",
            "order 1 costs 4750, the wallet paid 0"
        ),
        (
            """
            INSERT INTO wallet_entries (customer_id, amount, balance_after, kind, order_id, actor_id, created_at)
            VALUES (1, -4750, 90500, 'purchase', 1, 1, 0)
            """,
            "order 1 costs 4750, the wallet paid 9500"
        ),
        (
            "DELETE FROM stock_movements WHERE order_id = 1 AND product_id = 2",
            "order 1 product 2"
        ),
        (
            "UPDATE stock_movements SET delta = delta - 1 WHERE order_id = 1 AND product_id = 1",
            "order 1 product 1"
        ),
        (
            "UPDATE order_lines SET quantity = 4 WHERE order_id = 1 AND product_id = 1",
            "order 1 product 1"
        ),
        // Guarantees of Customers and of the engine that orders rely on.
        (
            "UPDATE customers SET balance = balance + 1 WHERE id = 1",
            "customer 1 holds 95251, the ledger says 95250"
        ),
        (
            "UPDATE wallet_entries SET balance_after = 95251 WHERE order_id = 1",
            "wallet entry 2"
        ),
    ]

    @Test(arguments: rows) func reports(damage: SQL, subject: String) throws {
        let shop = try TestShop()
        _ = try shop.send(
            .post, "/sales", as: "ada",
            #"{"items":[{"product_id":1,"quantity":3},{"product_id":2,"quantity":1}]}"#)
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run(damage) }
        let found = try shop.breaches()
        #expect(found.contains(subject), "\(found)")
    }

    /// A partly refunded order, and its day.
    static let afterwards: [(damage: SQL, subject: String)] = [
        (
            "UPDATE orders SET refunded = 501 WHERE id = 1",
            "order 1 refunded 501"
        ),
        (
            "UPDATE order_lines SET refunded_quantity = 1 WHERE order_id = 1 AND product_id = 1",
            "order 1 refunded 500"
        ),
        (
            "UPDATE refund_lines SET quantity = 1 WHERE order_id = 1",
            "order 1 product 1 counts 2 refunded units, its refunds 1"
        ),
        (
            "UPDATE refund_lines SET event_id = NULL WHERE order_id = 2",
            "order 2 product 1 counts 1 refunded units, its refunds 1"
        ),
        (
            "UPDATE wallet_entries SET amount = 499 WHERE kind = 'refund'",
            "order 1 refunded 500"
        ),
        (
            """
            INSERT INTO wallet_entries (customer_id, amount, balance_after, kind, order_id, actor_id, created_at)
            VALUES (1, 500, 95750, 'refund', 1, 1, 0)
            """,
            "order 1 refunded 500"
        ),
        (
            "UPDATE wallet_entries SET customer_id = 2 WHERE kind = 'refund'",
            "order 1 refunded 500"
        ),
        (
            "UPDATE stock_movements SET delta = 3 WHERE kind = 'returned'",
            "order 1 product 1"
        ),
        (
            """
            INSERT INTO stock_movements (product_id, delta, stock_after, kind, order_id, actor_id, created_at)
            VALUES (2, 1, 3, 'returned', 1, 1, 0)
            """,
            "order 1 product 2"
        ),
        (
            "UPDATE orders SET status = 'refunded' WHERE id = 1",
            "order 1 is refunded"
        ),
        (
            "UPDATE orders SET status = 'cancelled' WHERE id = 1",
            "order 1 is cancelled"
        ),
        (
            "UPDATE orders SET status = 'paid' WHERE id = 2",
            "order 2 is paid"
        ),
        ("UPDATE sales_by_day SET orders = orders + 1", "day 20775"),
        ("UPDATE sales_by_day SET units = units + 1", "day 20775"),
        ("UPDATE sales_by_day SET gross = gross - 1", "day 20775"),
        ("UPDATE sales_by_day SET refunded = refunded + 1", "day 20775"),
        ("UPDATE sales_by_day SET discount = 1", "day 20775"),
        ("UPDATE sales_by_day SET shipping = 1", "day 20775"),
        ("UPDATE sales_by_day SET tax = 1", "day 20775"),
        ("DELETE FROM sales_by_day", "day 20775"),
        ("UPDATE sales_by_day SET day = day + 1", "day 20776"),
        ("UPDATE order_events SET amount = 0", "day 20775"),
        // Orders that would be counted twice, and one that does not exist.
        ("INSERT INTO uncounted_orders VALUES (2)", "day 20775"),
        ("INSERT INTO uncounted_orders VALUES (1)", "day 20775 product 2"),
        ("INSERT INTO uncounted_orders VALUES (4)", "order 4"),
        (
            "UPDATE sales_by_day_and_product SET units = 4 WHERE product_id = 1",
            "day 20775 product 1"
        ),
        (
            "UPDATE sales_by_day_and_product SET gross = 0 WHERE product_id = 2",
            "day 20775 product 2"
        ),
        (
            "DELETE FROM sales_by_day_and_product WHERE product_id = 2",
            "day 20775 product 2"
        ),
    ]

    @Test(arguments: afterwards) func reportsAfterARefund(damage: SQL, subject: String) throws {
        let shop = try TestShop()
        _ = try shop.send(RefundOrderTests.buyBoth)
        _ = try shop.send(CreateOrderTests.buy(1, 1))
        _ = try shop.send(RefundOrderTests.refund([(1, 2)]))
        _ = try shop.send(.post, "/sales/2/cancel", as: "ada")
        #expect(try shop.breaches() == [])
        try shop.store.write { try updateSalesTotals(in: $0) }
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run(damage) }
        let found = try shop.breaches()
        #expect(found.contains(subject), "\(found)")
    }

    /// A partly shipped order 1, and a delivered order 2, each with a return.
    static let shipped: [(damage: SQL, subject: String)] = [
        (
            "UPDATE order_lines SET shipped_quantity = 1 WHERE order_id = 1 AND product_id = 1",
            "order 1 product 1 counts 1 shipped units, its shipments 2"
        ),
        (
            "UPDATE shipment_lines SET quantity = 3 WHERE order_id = 1 AND number = 1",
            "order 1 product 1 counts 2 shipped units, its shipments 3"
        ),
        ("DELETE FROM shipment_lines WHERE order_id = 2", "order 2 shipment 1"),
        (
            "INSERT INTO shipments (order_id, number, created_at) VALUES (1, 3, 0)",
            "order 1 shipment 3"
        ),
        (
            "UPDATE orders SET fulfillment_status = 'unfulfilled' WHERE id = 1",
            "order 1 is unfulfilled"
        ),
        (
            "UPDATE orders SET fulfillment_status = 'fulfilled' WHERE id = 1",
            "order 1 is fulfilled"
        ),
        ("UPDATE orders SET status = 'shipped' WHERE id = 1", "order 1 is shipped and partial"),
        ("UPDATE orders SET status = 'paid' WHERE id = 2", "order 2 is paid and fulfilled"),
        (
            "UPDATE orders SET delivered_at = NULL WHERE id = 2",
            "order 2 is delivered and fulfilled"
        ),
        (
            "UPDATE order_lines SET returned_quantity = 0 WHERE order_id = 2",
            "order 2 product 1 counts 0 returned units, its returns 1"
        ),
        (
            "UPDATE order_lines SET refunded_quantity = 0 WHERE order_id = 2", "order 2 product 1"
        ),
        ("UPDATE order_returns SET number = 2 WHERE order_id = 2", "order 2 return 2"),
        ("DELETE FROM order_return_lines WHERE order_id = 1", "order 1 return 1"),
        ("UPDATE order_return_lines SET order_id = 2 WHERE order_id = 1", "order 1 return 1"),
        (
            "UPDATE order_return_lines SET received_quantity = 1 WHERE order_id = 1",
            "order 1 return 1 is requested"
        ),
        (
            "UPDATE order_return_lines SET received_quantity = 0 WHERE order_id = 2",
            "order 2 return 1 is received"
        ),
    ]

    @Test(arguments: shipped) func reportsShipments(damage: SQL, subject: String) throws {
        let shop = try TestShop()
        for step in [
            RefundOrderTests.buyBoth, CreateOrderTests.buy(1, 2), ShipmentTests.ship([(1, 2)]),
            ShipmentTests.ship(order: 2), .init(.post, "/sales/2/deliver", as: "sami"),
            ReturnTests.request(), ReturnTests.request(order: 2),
            ReturnTests.step("approve", order: 2),
            ReturnTests.step("receive", #"{"restock":true}"#, order: 2),
        ] { try step.succeeds(in: shop) }
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run(damage) }
        let found = try shop.breaches()
        #expect(found.contains(subject), "\(found)")
    }

    @Test func reportsEveryBreachAtOnce() throws {
        let shop = try TestShop()
        _ = try shop.send(CreateOrderTests.buy(1, 1))
        _ = try shop.send(CreateOrderTests.buy(1, 1))
        _ = try shop.send(CreateOrderTests.buy(1, 1))
        try shop.store.write {
            try updateSalesTotals(in: $0)
            try $0.run(
                "UPDATE orders SET subtotal = subtotal + id, total = total + id WHERE id > 1")
        }
        #expect(
            try Set(shop.breaches()) == [
                "order 2 costs 252, its lines 250", "order 2 costs 252, the wallet paid 250",
                "order 3 costs 253, its lines 250", "order 3 costs 253, the wallet paid 250",
                "day 20775", "day 20775 method wallet",
            ])
    }

    /// Constraints of the tables need no check statement.
    @Test func refusesWhatTheTablesForbid() throws {
        let shop = try TestShop()
        _ = try shop.send(CreateOrderTests.buy(1, 1))
        #expect(throws: StoreError.self) {
            try shop.store.write { try $0.run("DELETE FROM products WHERE id = 1") }
        }
        let forbidden: [(change: SQL, name: String)] = [
            ("UPDATE orders SET total = 1000000000000001", "orders_total"),
            ("UPDATE orders SET total = 251", "orders_total_parts"),
            ("UPDATE orders SET shipping = 1", "orders_total_parts"),
            ("UPDATE orders SET tax = 1, tax_included = 0", "orders_total_parts"),
            ("UPDATE orders SET payment_status = 'unpaid'", "orders_payment_status"),
            ("UPDATE orders SET payment_status = 'refunded'", "orders_payment_status"),
            ("UPDATE orders SET refunded_shipping = 1", "orders_refunded_shipping"),
            ("UPDATE orders SET customer_id = NULL", "orders_buyer"),
            ("UPDATE order_lines SET discount = 251", "order_lines_discount"),
            ("UPDATE order_lines SET shipped_quantity = 2", "order_lines_shipped_quantity"),
            ("UPDATE order_lines SET returned_quantity = 1", "order_lines_returned_quantity"),
        ]
        for row in forbidden {
            #expect(throws: StoreError.constraint(row.name)) {
                try shop.store.write { try $0.run(row.change) }
            }
        }
        #expect(try shop.breaches() == [])
    }
}
