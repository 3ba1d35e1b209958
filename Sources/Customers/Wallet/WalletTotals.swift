public import Storage
public import Values

/// What the shop owes to its customers in their wallets.
public struct WalletTotals: Sendable, Equatable {
    /// The sum of all balances in minor units; it may exceed `Money.max`.
    public internal(set) var amount: Int64
    /// The number of wallets that are not empty.
    public internal(set) var wallets: Int64

    /// Adds an entry of the ledger; `before` is the balance before it.
    fileprivate mutating func add(_ entry: Int64, before: Int64) {
        amount &+= entry
        wallets += (before &+ entry > 0 ? 1 : 0) - (before > 0 ? 1 : 0)
    }
}

// A sum that each purchase updates would make all purchases wait for its row. The sum of the
// balances is that of the ledger, whose rows are never changed. So the ledger itself is the queue:
// `wallet_totals` contains the entries up to `last_entry_id`, and a report adds those after it.

/// The table of the sum of the wallets, which has one row.
let walletTotalsTable: [SQL] = [
    """
    CREATE TABLE wallet_totals (
        id \(.int64) PRIMARY KEY CONSTRAINT wallet_totals_id CHECK (id = 1),
        last_entry_id \(.int64) NOT NULL,
        amount \(.int64) NOT NULL,
        wallets \(.int64) NOT NULL
    ) \(.strict)
    """,
    """
    INSERT INTO wallet_totals (id, last_entry_id, amount, wallets)
    SELECT 1, COALESCE((SELECT MAX(id) FROM wallet_entries), 0),
        COALESCE((SELECT SUM(balance) FROM customers), 0),
        (SELECT COUNT(*) FROM customers WHERE balance > 0)
    """,
]

/// The time in seconds after which no entry with a lower number can be committed.
///
/// Numbers are given before the commit. The longest transactions are those of the operator's
/// commands.
private let settledSeconds: Int64 = 3600

/// The number of entries that one call of `foldWalletEntries` adds at most.
private let foldedMax: Int64 = 10_000

/// Adds up to 10,000 entries that are older than an hour to the sum of the wallets.
///
/// - Returns: whether there may be more.
/// - Throws: `StoreError`.
public func foldWalletEntries(at now: Instant, in tx: any Transaction) throws -> Bool {
    let row = try tx.first(
        """
        SELECT last_entry_id, amount, wallets FROM wallet_totals
        WHERE id = 1 \(.alone("wallet_totals"))
        """)
    guard let row else { throw StoreError.schema("The table wallet_totals has no row.") }
    var last: Int64 = try row["last_entry_id"]
    var totals = WalletTotals(amount: try row["amount"], wallets: try row["wallets"])
    let end = now.adding(seconds: -settledSeconds)
    var count: Int64 = 0
    try tx.each(
        """
        SELECT id, amount, balance_after, created_at FROM wallet_entries
        WHERE id > \(last) ORDER BY id LIMIT \(foldedMax)
        """
    ) { row in
        let createdAt: Instant = try row["created_at"]
        guard createdAt < end else { return false }
        let (amount, after): (Int64, Int64) = (try row["amount"], try row["balance_after"])
        totals.add(amount, before: after &- amount)
        last = try row["id"]
        count += 1
        return true
    }
    guard count > 0 else { return false }
    try tx.run(
        """
        UPDATE wallet_totals SET last_entry_id = \(last), amount = \(totals.amount),
            wallets = \(totals.wallets)
        WHERE id = 1
        """)
    return count == foldedMax
}

/// Returns the sum of all wallets: the stored sum and the entries after it, those of about the last
/// hour.
/// - Throws: `StoreError`.
public func walletTotals(in tx: any Transaction) throws -> WalletTotals {
    let row = try tx.first("SELECT last_entry_id, amount, wallets FROM wallet_totals WHERE id = 1")
    guard let row else { throw StoreError.schema("The table wallet_totals has no row.") }
    let last: Int64 = try row["last_entry_id"]
    var totals = WalletTotals(amount: try row["amount"], wallets: try row["wallets"])
    try tx.stream(
        "SELECT amount, balance_after FROM wallet_entries WHERE id > \(last) ORDER BY id"
    ) { row in
        let (amount, after): (Int64, Int64) = (try row["amount"], try row["balance_after"])
        totals.add(amount, before: after &- amount)
        return true
    }
    return totals
}

extension Invariant {
    /// The stored sum and the entries after it are the sum of the balances.
    static let walletTotals = Invariant("The sum of all wallets is that of their balances.") { tx in
        let totals = try Customers.walletTotals(in: tx)
        let row = try tx.first(
            """
            SELECT COALESCE(\(SQL(sum: "balance")), 0) AS amount,
                COALESCE(\(SQL(sum: "CASE WHEN balance > 0 THEN 1 ELSE 0 END")), 0) AS wallets
            FROM customers
            """)
        let balances = WalletTotals(
            amount: try row?["amount"] ?? 0, wallets: try row?["wallets"] ?? 0)
        guard totals != balances else { return [] }
        return [
            """
            the sum of the wallets is \(totals.amount) in \(totals.wallets), of the balances \
            \(balances.amount) in \(balances.wallets)
            """
        ]
    }
}
