import HTTP
import Outbox
import Service
import Storage
import Values

/// Changes the address of a customer that was read in the same transaction.
///
/// A verified address stays in force until its successor is verified, and gets a notice. The new
/// address gets a message with a token. Earlier tokens of the customer become void.
///
/// - Throws: `Problem` 403 `forbidden` for others than the owner and admins, and for API keys; 409
///   `email_taken`; 429 `too_many_messages`.
func changeEmail(
    of customer: Customer, to address: String?, _ call: Call, in tx: any Transaction
) throws -> Customer {
    guard !address.isSame(as: customer.email) || customer.pendingEmail != nil else {
        return customer
    }
    // The owner of the address can reset the password.
    guard call.caller.scopes == nil, call.isAboutCaller || call.caller.isAtLeast(.admin) else {
        throw Problem.forbidden(
            "Only the account's owner and admins can change its e-mail address. API keys cannot."
        )
    }
    if let address {
        try refuseTakenEmail(address, except: customer.id, in: tx)
    }
    // Those of resets too: the old address may be one that the customer has lost.
    try OneTimeToken.void(of: customer.id, at: call.now, in: tx)
    let updated = try storeEmail(address, of: customer, at: call.now, in: tx)
    if let old = customer.email, customer.isEmailVerified, !address.isSame(as: old) {
        try enqueueMail(
            address.map {
                OutgoingMail(
                    .emailChanged, to: old,
                    values: customer.mailValues.merging(["new_email": $0]) { $1 })
            } ?? OutgoingMail(.emailRemoved, to: old, values: customer.mailValues),
            of: customer.id, at: call.now, in: tx)
    }
    if let address, updated.pendingEmail != nil || !updated.isEmailVerified {
        try refuseManyVerifications(of: customer, at: call.now, in: tx)
        try sendVerification(to: address, of: updated, by: call.shop, at: call.now, in: tx)
    }
    return updated
}

/// Stores the address, as pending if a verified one is in force.
private func storeEmail(
    _ address: String?, of customer: Customer, at now: Instant, in tx: any Transaction
) throws -> Customer {
    let isKept =
        address != nil && customer.isEmailVerified && !address.isSame(as: customer.email)
    let set: SQL
    if isKept {
        set = "pending_email = \(address.stored)"
    } else if address.isSame(as: customer.email) {
        set = "pending_email = NULL"
    } else {
        set = """
            email = \(address.stored), email_key = \(address.map(emailKey).stored),
            email_verified_at = NULL, pending_email = NULL
            """
    }
    do {
        return try updateAccount(customer.username, setting: set, at: now, in: tx)
    } catch StoreError.constraint("customers_email_key_key") {
        throw emailTaken
    }
}

/// - Throws: `Problem` 409 `email_taken` if another account has the address.
func refuseTakenEmail(_ address: String, except customer: Int64, in tx: any Transaction) throws {
    let other = try tx.first(
        """
        SELECT id FROM customers
        WHERE email_key = \(emailKey(address)) AND id <> \(customer)
        """)
    if other != nil { throw emailTaken }
}

let emailTaken = Problem.conflict("email_taken", "Another customer has this e-mail address.")

/// Sends a message with a token to an address of the customer.
///
/// It contains no text that the customer chose except the username: the address may be someone
/// else's, who must not get a stranger's message from the shop.
///
/// An address that has got many such messages gets none. The caller does not learn that, because it
/// would show that others use the address.
func sendVerification(
    to address: String, of customer: Customer, by shop: Shop, at now: Instant,
    in tx: any Transaction
) throws {
    guard try VerificationLimit.allows(address, by: shop, at: now, in: tx) else {
        return try OneTimeToken.countUnsent(
            .emailVerification, of: customer.id, to: address, at: now, in: tx)
    }
    let token = try OneTimeToken.issue(
        for: .emailVerification, of: customer.id, to: address, by: shop, at: now, in: tx)
    try enqueueMail(
        OutgoingMail(
            .emailVerification, to: address, values: ["username": customer.username], token: token),
        of: customer.id, at: now, in: tx)
}

/// - Throws: `Problem` 429 `too_many_messages`.
func refuseManyVerifications(of customer: Customer, at now: Instant, in tx: any Transaction) throws
{
    let isAtLimit = try OneTimeToken.isAtLimit(
        .emailVerification, of: customer.id, since: customer.createdAt, at: now, in: tx)
    guard isAtLimit else { return }
    throw Problem(
        .tooManyRequests, "too_many_messages",
        "An account gets at most \(tokensPerHourMax) of these messages in an hour. Retry later.",
        fields: [.retryAfter: "3600"])
}

extension Customer {
    /// The values that every message to a customer may contain.
    var mailValues: [String: String] { ["name": profile.fullName, "username": username] }
}
