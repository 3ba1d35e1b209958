public import Service
public import Storage

/// An account that messages can be sent to.
public struct MailReceiver: Sendable {
    /// The account.
    public let id: Int64
    /// The address in force.
    public let address: String
    /// Whether the receiver has shown that the address is theirs.
    public let isVerified: Bool
    /// Whether the receiver is a guest.
    public let isGuest: Bool
    /// The placeholders about the receiver.
    public let values: [String: String]

    fileprivate init?(_ customer: Customer) {
        guard let address = customer.email else { return nil }
        id = customer.id
        self.address = address
        isVerified = customer.isEmailVerified
        isGuest = customer.isGuest
        // A text that a customer chose does not reach an address that may be someone else's.
        values =
            customer.isGuest
            ? ["name": "customer", "username": ""]
            : customer.isEmailVerified
                ? customer.mailValues : ["name": customer.username, "username": customer.username]
    }
}

/// The receivers of messages about the orders and reviews of accounts, by account.
///
/// For a claimed guest it is the account that has claimed it. Accounts that are not active or have no
/// address are left out.
/// - Throws: `StoreError`.
public func mailReceivers(of customers: Set<Int64>, in tx: any Transaction) throws
    -> [Int64: MailReceiver]
{
    guard !customers.isEmpty else { return [:] }
    var owners: [Int64: Int64] = [:]
    try tx.each(
        """
        SELECT id, claimed_by FROM customers
        WHERE id IN \(customers.sorted().list(filledTo: receiversMax))
        """
    ) { row in
        let id: Int64 = try row["id"]
        owners[id] = try row["claimed_by"] ?? id
        return true
    }
    let active = try tx.all(
        Customer.self,
        """
        WHERE id IN \(Set(owners.values).sorted().list(filledTo: receiversMax))
            AND status = 'active'
        """)
    let receivers = Dictionary(uniqueKeysWithValues: active.map { ($0.id, MailReceiver($0)) })
    return owners.compactMapValues { receivers[$0] ?? nil }
}

/// The number of accounts for which the statement is prepared, beside one account.
private let receiversMax = 500

/// The most members of staff that get a message.
private let staffMax: Int64 = 50

/// The active accounts with at least `role` and a verified address.
/// - Throws: `StoreError`.
public func staffMailReceivers(atLeast role: Role, in tx: any Transaction) throws
    -> [MailReceiver]
{
    let roles = Role.allCases.filter { $0 >= role }
    return try tx.all(
        Customer.self,
        """
        WHERE role IN \(roles.list) AND role <> 'customer' AND status = 'active'
            AND email_verified_at IS NOT NULL
        ORDER BY id LIMIT \(staffMax)
        """
    ).compactMap(MailReceiver.init)
}
