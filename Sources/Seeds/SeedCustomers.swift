import Customers
public import Service
public import Storage
public import Values

// A few statements over many rows fill a synthetic shop. One call for each row would take hours for
// ten million orders. The ledgers have the same rows as after those calls, which `souk check`
// verifies. Only these statements write the tables of several slices.

/// Returns the password hash that all synthetic customers share, computed once because it is slow.
public func hashedSeedPassword() throws -> String {
    try hashPassword("correct horse")
}

/// Creates `count` accounts named c`number`, c`number + 1` …, each with `balance` in its wallet.
///
/// - Returns: their ids, without a gap.
public func addSeedCustomers(
    _ count: Int64, from number: Int64, passwordHash: String, balance: Money, at now: Instant,
    in tx: any Transaction
) throws -> ClosedRange<Int64> {
    let first = try (tx.first("SELECT COALESCE(MAX(id), 0) AS id FROM customers")?["id"] ?? 0) + 1
    try tx.run(
        """
        WITH RECURSIVE numbers (n) AS (
            SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < \(count)
        )
        INSERT INTO customers (id, username, password_hash, full_name, name_key, role, status,
            balance, created_at, updated_at)
        SELECT \(first) + n, 'c' || (\(number) + n), \(passwordHash), 'Customer c' || (\(number) + n),
            'customer c' || (\(number) + n), 'customer', 'active', \(balance), \(now), \(now)
        FROM numbers
        """)
    try tx.numbered("customers")
    let ids = first...(first + count - 1)
    try tx.run(
        """
        INSERT INTO wallet_entries (customer_id, amount, balance_after, kind, actor_id, note, created_at)
        SELECT id, balance, balance, 'credited', id, 'seed', created_at FROM customers
        WHERE id BETWEEN \(ids.lowerBound) AND \(ids.upperBound) ORDER BY id
        """)
    return ids
}

/// Creates one account of a synthetic shop, with money in its wallet.
///
/// - Returns: its id.
public func addSeedCustomer(
    _ username: String, passwordHash: String, balance: Money, role: Role, at now: Instant,
    in tx: any Transaction
) throws -> Int64 {
    let id = try tx.insert(
        """
        INSERT INTO customers (username, password_hash, full_name, name_key, role, status, created_at, updated_at)
        VALUES (\(username), \(passwordHash), \("Customer \(username)"), \("customer \(username)"),
            \(role), 'active', \(now), \(now))
        """)
    if balance > .zero {
        try creditWallet(
            balance, of: id, for: .init(.credited, by: id, note: "seed", at: now), in: tx)
    }
    return id
}

/// Debits the totals of synthetic orders from their buyers' wallets.
///
/// - Parameters:
///   - purchases: selects `order_id`, `customer_id`, `amount` above zero, and `created_at`.
///   - tx: the transaction that creates the orders.
/// - Throws: `StoreError.constraint("customers_balance")` if a wallet holds less.
func debitSeedWallets(for purchases: SQL, in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO wallet_entries (customer_id, amount, balance_after, kind, order_id, actor_id, created_at)
        SELECT customer_id, -amount,
            customers.balance - SUM(amount) OVER (PARTITION BY customer_id ORDER BY order_id),
            'purchase', order_id, customer_id, purchase.created_at
        FROM (\(purchases)) AS purchase JOIN customers ON customers.id = purchase.customer_id
        """)
    try tx.run(
        """
        UPDATE customers SET balance = balance - paid.amount
        FROM (
            SELECT customer_id, SUM(amount) AS amount FROM (\(purchases)) AS purchase GROUP BY customer_id
        ) AS paid
        WHERE customers.id = paid.customer_id
        """)
}
