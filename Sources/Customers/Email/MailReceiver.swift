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
    /// The placeholders about the receiver.
    public let values: [String: String]

    fileprivate init?(_ customer: Customer) {
        guard let address = customer.email else { return nil }
        id = customer.id
        self.address = address
        isVerified = customer.isEmailVerified
        // A text that a customer chose does not reach an address that may be someone else's.
        values =
            customer.isEmailVerified
            ? customer.mailValues : ["name": customer.username, "username": customer.username]
    }
}

/// The receiver of messages about an account's orders and reviews.
/// - Returns: nil if the account is not active or has no address.
/// - Throws: `StoreError`.
public func mailReceiver(of customer: Int64, in tx: any Transaction) throws -> MailReceiver? {
    try tx.first(Customer.self, "WHERE id = \(customer) AND status = 'active'")
        .flatMap(MailReceiver.init)
}

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
