import HTTP
import Outbox
import Service
import Storage
import Values

/// The body of `POST /customers/verify-email`.
struct EmailVerification: Input {
    let token: String

    init(_ fields: inout Fields) {
        token = fields.required("token", .oneTimeToken)
    }
}

/// The handler of `POST /customers/verify-email`, which also gives the account the guests who
/// bought with its address.
func verifyEmail(
    _ claim: GuestClaim
) -> @Sendable (EmailVerification, Call, any Transaction) throws -> Response {
    { body, call, tx in try verifyEmail(body, claim, call, in: tx) }
}

private func verifyEmail(
    _ body: EmailVerification, _ claim: GuestClaim, _ call: Call, in tx: any Transaction
) throws -> Response {
    guard
        let token = try OneTimeToken.use(
            body.token, for: .emailVerification, at: call.now, in: tx)
    else { throw tokenInvalid }
    try refuseTakenEmail(token.email, except: token.customer, in: tx)
    let verified: Customer?
    do {
        verified = try tx.first(
            """
            UPDATE customers SET email = \(token.email), email_key = \(emailKey(token.email)),
                email_verified_at = \(call.now), pending_email = NULL, updated_at = \(call.now)
            WHERE id = \(token.customer) AND status <> 'erased'
                AND COALESCE(pending_email, email) = \(token.email)
            RETURNING \(Customer.columns)
            """
        ).map { try Customer($0) }
    } catch StoreError.constraint("customers_email_key_key") {
        throw emailTaken
    }
    guard let verified else { throw tokenInvalid }
    // A reset that was sent to the former address.
    try OneTimeToken.void(of: verified.id, at: call.now, in: tx)
    try claimGuests(of: verified.id, with: token.email, claim, at: call.now, in: tx)
    try publish(
        .customerUpdated, on: verified.path, verified, of: verified.id, by: verified.id,
        at: call.now, in: tx)
    return .noContent
}
