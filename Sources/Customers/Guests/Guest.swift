import HTTP
public import Service
public import Storage
public import Values

/// A buyer without an account.
public struct Guest: Sendable {
    /// The row's id.
    public let id: Int64
    /// The name of the row, `guest~7`, which nobody can register or log in with.
    public let username: String
    /// The address that the guest gave, which nobody has verified.
    public let email: String

    /// The guest as the caller of an order's operations.
    public var caller: Caller {
        Caller(id: id, username: username, role: .customer, session: 0)
    }
}

/// Whether a username is that of a guest; `~` is in no name that can be registered.
public func isGuest(_ username: String) -> Bool { username.utf8.starts(with: "guest~".utf8) }

/// Creates a guest for one order.
///
/// - Throws: `StoreError`.
public func createGuest(email: String, at now: Instant, in tx: any Transaction) throws -> Guest {
    // The name contains the id, which is known afterwards.
    let id = try tx.insert(
        """
        INSERT INTO customers (username, password_hash, full_name, name_key, guest_email,
            guest_email_key, role, status, created_at, updated_at)
        VALUES (\(temporaryName()), '', '', '', \(email), \(emailKey(email)), 'customer', 'active',
            \(now), \(now))
        """)
    let username = "guest~\(id)"
    try tx.run("UPDATE customers SET username = \(username) WHERE id = \(id)")
    return Guest(id: id, username: username, email: email)
}

private func temporaryName() -> String {
    "guest~\(UInt64.random(in: .min ... .max))~\(UInt64.random(in: .min ... .max))"
}

/// Returns an active guest that no account has claimed, or nil; held in a write.
public func unclaimedGuest(_ id: Int64, in tx: any Transaction) throws -> Guest? {
    try tx.first(
        """
        SELECT id, username, guest_email FROM customers
        WHERE id = \(id) AND guest_email_key IS NOT NULL AND claimed_by IS NULL
            AND status = 'active' \(.held("customers"))
        """
    ).map {
        Guest(id: try $0["id"], username: try $0["username"], email: try $0["guest_email"])
    }
}

/// Whether a customer is a guest that an account has claimed.
public func isGuest(_ id: Int64, claimedBy account: Int64, in tx: any Transaction) throws -> Bool {
    try tx.first("SELECT id FROM customers WHERE id = \(id) AND claimed_by = \(account)") != nil
}

/// The ids of the guests that an account has claimed, locked in a write.
public func guests(claimedBy account: Int64, in tx: any Transaction) throws -> [Int64] {
    try tx.all(
        "SELECT id FROM customers WHERE claimed_by = \(account) ORDER BY id \(.alone("customers"))"
    ) { try $0["id"] }
}

/// Whether at least `count` guests have given an address since a time.
public func hasGuests(
    _ count: Int64, with email: String, since: Instant, in tx: any Transaction
) throws -> Bool {
    let row = try tx.first(
        """
        SELECT created_at FROM customers WHERE guest_email_key = \(emailKey(email))
        ORDER BY id DESC LIMIT 1 OFFSET \(count - 1) \(.held("customers"))
        """)
    guard let createdAt: Instant = try row?["created_at"] else { return false }
    return createdAt > since
}

/// The form in which addresses of guests are compared: without case.
public func guestKey(_ email: String) -> String { emailKey(email) }
