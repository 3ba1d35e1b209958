import Seeds
import Storage
import TestShop
import Testing
import Values

/// No statement of a route reads a whole table or index on PostgreSQL if the tables are large.
///
/// The planner decides by the numbers of rows, so the plans of a small shop say little.
@Suite(.once) struct LargeShopPlanTests {
    /// With 5,000 products, a search still reads the whole table at less cost.
    private static let rows: Int64 = 10_000

    @Test func noRouteReadsAWholeIndex() throws {
        let record = StatementRecord()
        let routes = QueryPlanTests()
        try routes.playRoutes(record, on: .postgresql)
        try routes.playLists(record, on: .postgresql)
        let shop = try TestShop(on: .postgresql)
        let large = try fill(shop)
        #expect(large.count >= 14, "\(large)")
        for sql in record.all {
            let text = sql.text { "\($0)" }
            let plan = try shop.store.queryPlan(of: sql)
            for step in PostgresPlan(plan).wholeReads(of: large)
            // The orders that are not paid yet, in a report.
            where !(step.contains("orders_unpaid_by_customer") && text.contains("COUNT(*)")) {
                Issue.record("\(step)\n\(text)\n\(plan.joined(separator: "\n"))")
            }
        }
        try expectFindings(shop, large)
    }

    private func expectFindings(_ shop: TestShop, _ large: Set<String>) throws {
        func reads(_ sql: SQL) throws -> [String] {
            PostgresPlan(try shop.store.queryPlan(of: sql)).wholeReads(of: large)
        }
        #expect(try reads("SELECT COUNT(*) AS count FROM orders").count == 1)
        #expect(try reads("SELECT id FROM orders WHERE note = 'a' ORDER BY id LIMIT 1").count == 1)
        #expect(try reads("SELECT id FROM products WHERE description = 'a'").count == 1)
        #expect(try reads("SELECT id FROM orders ORDER BY id LIMIT 1").isEmpty)
        #expect(try reads("SELECT id FROM orders WHERE id IN (1, 2)").isEmpty)
    }

    /// Fills the tables that grow with each order or visit.
    ///
    /// - Returns: the names of the large tables.
    private func fill(_ shop: TestShop) throws -> Set<String> {
        let (now, store) = (shop.clock.now, shop.store)
        let customers = try store.write {
            try addSeedCustomers(
                Self.rows, from: 1, passwordHash: "none", balance: Money(minorUnits: 1_000_000),
                at: now, in: $0)
        }
        let products = try store.write {
            try addSeedProducts(Self.rows, from: 1, stock: 1000, by: 5, at: now, in: $0)
        }
        let orders = SeedOrders(
            Self.rows, by: customers, of: products, until: now, currency: "USD")
        // In parts, because a write ends after some seconds.
        for first in stride(from: 0, to: Self.rows, by: 2500) {
            try store.write { try orders.add(first..<first + 2500, in: $0) }
        }
        for statement in Self.others + ["ANALYZE"] { try store.write { try $0.run(statement) } }
        return try store.read { tx in
            Set(
                try tx.all(
                    """
                    SELECT relname FROM pg_class
                    WHERE relnamespace = current_schema()::regnamespace AND reltuples > 1000
                    """
                ) { try $0["relname"] as String })
        }
    }

    private static let others: [SQL] = [
        """
        INSERT INTO customers (username, password_hash, full_name, name_key, role, status, guest_email,
            guest_email_key, created_at, updated_at)
        SELECT 'guest ' || id, '', 'Guest', 'guest', 'customer', 'active', 'g' || id || '@example.com',
            'g' || id || '@example.com', id, id
        FROM customers
        """,
        """
        INSERT INTO reviews (product_id, customer_id, rating, status, verified_purchase, flags,
            created_at, updated_at)
        SELECT products.id, customers.id, 1 + products.id % 5, 'approved', 1, products.id % 2,
            products.id, products.id
        FROM products JOIN customers ON customers.id = products.id
        """,
        """
        INSERT INTO sessions (customer_id, ip_address, user_agent, created_at, last_seen_at, expires_at)
        SELECT id, '192.0.2.1', 'test', id, id, id + 1 FROM customers
        """,
        """
        INSERT INTO idempotency_keys (caller_id, key, request_id, fingerprint, status, body, created_at)
        SELECT id, 'key', '', 'f', 200, '{}', id FROM customers
        """,
        """
        INSERT INTO audit_entries (actor_id, action, customer_id, subject, created_at)
        SELECT id, 'test', id, '/customers/' || username, id FROM customers
        """,
        """
        INSERT INTO events (position, type, subject, data, customer_id, created_at)
        SELECT id, 'order.created', '/sales/' || id, '{}', customer_id, created_at FROM orders
        """,
        """
        INSERT INTO order_events (order_id, status, amount, actor_id, created_at)
        SELECT id, 'paid', total, customer_id, created_at FROM orders
        """,
        """
        INSERT INTO payments (ref, customer_id, order_id, method, provider, status, amount, captured,
            refunded, provider_refunded, currency, expires_at, created_at)
        SELECT 'p' || id, customer_id, id, 'card', 'stripe', 'captured', 1, 1, 0, 0, 'USD', created_at,
            created_at
        FROM orders
        """,
        """
        INSERT INTO invoices (series, year, number, kind, order_id, total, tax, currency, issued_at,
            body, hash)
        SELECT 'ABCDEF', 2026, id, 'invoice', id, total, 0, 'USD', created_at, '{}', 'hash' FROM orders
        """,
    ]
}
