import HTTP
import Outbox
public import Service
public import Storage
public import Values

/// The body of `POST /customers/password-resets`: a username or an address.
struct PasswordResetRequest: Input, JSONWritable {
    let username: String?
    let email: String?

    init(_ fields: inout Fields) {
        username = fields.optional("username", .typedUsername)
        email = fields.optional("email", .email)
        if (username == nil) == (email == nil) {
            fields.fault("email", "is required, or username instead of it")
        }
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("username", username)
            $0.field("email", email)
        }
    }
}

/// The kind of the jobs that send a reset token.
public let passwordResetJobKind = "password_reset"

/// The number of queues, and the most requests that may wait in each.
private let lanes: Int64 = 4
private let waitingMax: Int64 = 250

/// Leaves the request for the courier, which finds the account.
///
/// The work is the same for every name, so neither the response nor its time shows whether the
/// account exists. Requests beyond 250 waiting ones in a queue are dropped.
@Sendable func requestPasswordReset(
    _ request: PasswordResetRequest, _ call: Call, in tx: any Transaction
) throws -> Response {
    let queue = JobQueue.lane("reset", of: lanes, for: call.now.milliseconds)
    let last = try tx.first(
        """
        SELECT id FROM jobs WHERE queue = \(queue.name) AND state = 'pending' AND leased_by IS NULL
        ORDER BY run_at, id LIMIT 1 OFFSET \(waitingMax)
        """)
    if last == nil {
        try enqueue(passwordResetJobKind, in: queue, request, of: nil, at: call.now, in: tx)
    }
    return .accepted
}

/// Sends a reset token to a verified address, if the account has one and is active.
///
/// The courier calls it with the payload of each job. An account gets at most three messages an
/// hour.
/// - Throws: `StoreError`; `Problem` if the payload is not that of such a job.
public func sendPasswordReset(
    _ payload: String, by shop: Shop, at now: Instant, in tx: any Transaction
) throws {
    let request = try jobPayload(payload, as: PasswordResetRequest.self)
    let condition: SQL =
        request.username.map { "username = \($0)" }
        ?? "email_key = \(emailKey(request.email ?? ""))"
    let customer = try tx.first(
        Customer.self, "WHERE \(condition) AND status = 'active' \(.alone("customers"))")
    guard let customer, !customer.isGuest, let address = customer.email, customer.isEmailVerified,
        try !OneTimeToken.isAtLimit(
            .passwordReset, of: customer.id, since: customer.createdAt, at: now, in: tx)
    else { return }
    let token = try OneTimeToken.issue(
        for: .passwordReset, of: customer.id, to: address, by: shop, at: now, in: tx)
    try enqueueMail(
        OutgoingMail(
            .passwordReset, to: address, values: customer.mailValues, token: token),
        of: customer.id, at: now, in: tx)
}
