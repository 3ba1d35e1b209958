import Storage

extension TestShop {
    /// Every row of every table, to detect changes.
    public func contents() throws -> [String: [String]] {
        let names = try store.tables()
        return try store.read { tx in
            var contents: [String: [String]] = [:]
            for name in names {
                // The tables of the full-text index.
                if name.hasPrefix("product_search_") { continue }
                guard let rows = TestShop.selections[name] else {
                    throw TestFailure(description: "contents() does not know the table \(name).")
                }
                contents[name] = try tx.all(rows) { "\($0)" }.sorted()
            }
            return contents
        }
    }

    private static let selections: [String: SQL] = [
        "customers": "SELECT * FROM customers",
        "carts": "SELECT * FROM carts",
        "cart_items": "SELECT * FROM cart_items",
        "coupons": "SELECT * FROM coupons",
        "coupon_uses": "SELECT * FROM coupon_uses",
        "gift_cards": "SELECT * FROM gift_cards",
        "gift_card_keys": "SELECT * FROM gift_card_keys",
        "sessions": "SELECT * FROM sessions",
        "addresses": "SELECT * FROM addresses",
        "api_keys": "SELECT * FROM api_keys",
        "second_factors": "SELECT * FROM second_factors",
        "recovery_codes": "SELECT * FROM recovery_codes",
        "refresh_tokens": "SELECT * FROM refresh_tokens",
        "login_failures": "SELECT * FROM login_failures",
        "login_networks": "SELECT * FROM login_networks",
        "wallet_entries": "SELECT * FROM wallet_entries",
        "products": "SELECT * FROM products",
        "categories": "SELECT * FROM categories",
        "product_search": "SELECT \(.document) AS id, name, sku, description FROM product_search",
        "one_time_tokens": "SELECT * FROM one_time_tokens",
        "events": "SELECT * FROM events",
        "outbox": "SELECT * FROM outbox",
        "event_positions": "SELECT * FROM event_positions",
        "stock_movements": "SELECT * FROM stock_movements",
        "shipping_methods": "SELECT * FROM shipping_methods",
        "tax_rates": "SELECT * FROM tax_rates",
        "tax_rate_changes": "SELECT * FROM tax_rate_changes",
        "orders": "SELECT * FROM orders",
        "order_lines": "SELECT * FROM order_lines",
        "wallet_totals": "SELECT * FROM wallet_totals",
        "sales_by_day_and_method": "SELECT * FROM sales_by_day_and_method",
        "taxes_by_day": "SELECT * FROM taxes_by_day",
        "refund_lines": "SELECT * FROM refund_lines",
        "invoice_series": "SELECT * FROM invoice_series",
        "invoices": "SELECT * FROM invoices",
        "order_events": "SELECT * FROM order_events",
        "shipments": "SELECT * FROM shipments",
        "shipment_lines": "SELECT * FROM shipment_lines",
        "order_returns": "SELECT * FROM order_returns",
        "order_return_lines": "SELECT * FROM order_return_lines",
        "uncounted_orders": "SELECT * FROM uncounted_orders",
        "report_zone": "SELECT * FROM report_zone",
        "report_offsets": "SELECT * FROM report_offsets",
        "sales_by_day": "SELECT * FROM sales_by_day",
        "sales_by_day_and_product": "SELECT * FROM sales_by_day_and_product",
        "wishlist_items": "SELECT * FROM wishlist_items",
        "webhooks": "SELECT * FROM webhooks",
        "webhook_patterns": "SELECT * FROM webhook_patterns",
        "webhook_deliveries": "SELECT * FROM webhook_deliveries",
        "webhook_attempts": "SELECT * FROM webhook_attempts",
        "payments": "SELECT * FROM payments",
        "payment_events": "SELECT * FROM payment_events",
        "refunds": "SELECT * FROM refunds",
        "reviews": "SELECT * FROM reviews",
        "audit_entries": "SELECT * FROM audit_entries",
        "review_votes": "SELECT * FROM review_votes",
        "review_flags": "SELECT * FROM review_flags",
        "review_histogram": "SELECT * FROM review_histogram",
        "jobs": "SELECT * FROM jobs",
        "notice_times": "SELECT * FROM notice_times",
        "verification_mails": "SELECT * FROM verification_mails",
        "feed_cursors": "SELECT * FROM feed_cursors",
        "idempotency_keys": "SELECT * FROM idempotency_keys",
        "idempotency_quotas": "SELECT * FROM idempotency_quotas",
        "backup_times": "SELECT * FROM backup_times",
        "schema_migrations": "SELECT * FROM schema_migrations",
    ]
}
