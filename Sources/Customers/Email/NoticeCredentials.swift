import Storage
import Values

/// A change of what gives access to an account, which its owner must learn of.
enum CredentialsChange: String {
    case addedSecondFactor = "A second factor was added"
    case removedSecondFactor = "The second factor was removed"
    case createdApiKey = "An API key was created"
}

/// Sends a message about a change of credentials to the account's verified address, if it has one.
func notice(
    _ change: CredentialsChange, of customer: Int64, at now: Instant, in tx: any Transaction
) throws {
    guard let account = try tx.first(Customer.self, "WHERE id = \(customer)") else { return }
    try notify(
        account, .credentialsChanged,
        values: ["change": change.rawValue, "time": now.rfc3339], at: now, in: tx)
}
