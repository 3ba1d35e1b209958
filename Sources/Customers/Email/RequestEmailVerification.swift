import HTTP
import Service
import Storage

/// Sends the message with a token again, to the address that is not verified yet.
///
/// - Throws: `Problem` 409 `email_verified` if there is none; 429 `too_many_messages`.
@Sendable func requestEmailVerification(_ call: Call, in tx: any Transaction) throws -> Response {
    try requireSelf(call, in: tx)
    let customer = try customer(of: call, in: tx)
    guard let address = customer.pendingEmail ?? customer.email,
        customer.pendingEmail != nil || !customer.isEmailVerified
    else {
        throw Problem.conflict(
            "email_verified", "The account has no e-mail address to verify.")
    }
    try refuseManyVerifications(of: customer, at: call.now, in: tx)
    try sendVerification(to: address, of: customer, by: call.shop, at: call.now, in: tx)
    return .accepted
}
