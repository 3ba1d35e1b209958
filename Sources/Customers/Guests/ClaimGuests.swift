public import Storage
public import Values

/// How Sales, which is above this slice, gives the orders of a guest to an account.
public struct GuestClaim: Sendable {
    let claimed:
        @Sendable (_ guest: Int64, _ account: Int64, _ now: Instant, any Transaction) throws -> Void

    /// Creates it; `claimed` runs in the transaction that claims the guest.
    public init(
        _ claimed: @escaping @Sendable (Int64, Int64, Instant, any Transaction) throws -> Void
    ) {
        self.claimed = claimed
    }

    /// For a table of routes without orders.
    public static let none = GuestClaim { _, _, _, _ in }
}

/// The most guests that an account claims.
let claimedGuestsMax: Int64 = 200

/// Gives an account the guests who bought with its address, once the address is verified.
///
/// A guest is claimed once, at a verification or a login. An account that owns the address later gets
/// the later guests only.
func claimGuests(
    of account: Int64, with address: String, _ claim: GuestClaim, at now: Instant,
    in tx: any Transaction
) throws {
    let ids: [Int64] = try tx.all(
        """
        SELECT id FROM customers
        WHERE guest_email_key = \(emailKey(address)) AND claimed_by IS NULL AND status = 'active'
        ORDER BY id LIMIT \(claimedGuestsMax) \(.alone("customers"))
        """
    ) { try $0["id"] }
    guard !ids.isEmpty else { return }
    // Without a lock: a refund locks a claimed guest before the account, which is locked here.
    let claimed: [Int64] = try tx.all(
        """
        SELECT id FROM customers WHERE claimed_by = \(account) ORDER BY id
        LIMIT \(claimedGuestsMax)
        """
    ) { try $0["id"] }
    let room = Int(claimedGuestsMax) - claimed.count
    for id in ids.prefix(max(room, 0)) {
        try tx.run("UPDATE customers SET claimed_by = \(account) WHERE id = \(id)")
        try claim.claimed(id, account, now, tx)
    }
}

/// Gives an account the guests who bought with its verified address since the last time.
func claimLaterGuests(
    of account: Int64, _ claim: GuestClaim, at now: Instant, in tx: any Transaction
) throws {
    let row = try tx.first(
        """
        SELECT email FROM customers WHERE id = \(account) AND email_verified_at IS NOT NULL
        \(.alone("customers"))
        """)
    guard let address: String = try row?["email"] else { return }
    try claimGuests(of: account, with: address, claim, at: now, in: tx)
}

/// Moves what a guest's wallet holds to the account that has claimed the guest.
///
/// Nothing moves if the account cannot take the money. `order` is the guest's order.
///
/// - Throws: `StoreError`.
public func moveMoney(
    ofGuest guest: Int64, order: Int64, to account: Int64, at now: Instant, in tx: any Transaction
) throws {
    let row = try tx.first(
        "SELECT balance FROM customers WHERE id = \(guest) \(.alone("customers"))")
    guard let balance: Money = try row?["balance"], balance > .zero,
        try canCredit(balance, to: account, in: tx)
    else { return }
    try debitWallet(
        balance, of: guest, for: .init(.debited, by: account, order: order, at: now), in: tx)
    try creditWallet(
        balance, of: account, for: .init(.credited, by: account, order: order, at: now), in: tx)
}
