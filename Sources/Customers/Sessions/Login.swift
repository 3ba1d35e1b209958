import HTTP
import Service
import Storage

/// The body of `POST /customers/login`.
struct Credentials: Input {
    let username: String
    let password: String
    let second: SecondFactorGuess

    init(_ fields: inout Fields) {
        username = fields.required("username", .typedUsername)
        password = fields.required("password", .guess)
        second = SecondFactorGuess(&fields)
    }
}

/// The handler of `POST /customers/login`.
///
/// An account with a verified address also gets the guests who have bought with it.
func login(_ claim: GuestClaim) -> @Sendable (Credentials, Call) throws -> Response {
    { credentials, call in try login(credentials, claim, call) }
}

private func login(_ credentials: Credentials, _ claim: GuestClaim, _ call: Call) throws -> Response
{
    try call.refuseDryRun()
    let (attempt, account) = try call.read { tx in
        let account = try Account.named(credentials.username, in: tx)
        let attempt = PasswordAttempt(credentials.username, customer: account?.id, call)
        // Checked here too, so that locked names do not occupy the hash queue.
        try attempt.refuseWhileLocked(in: tx)
        return (attempt, account)
    }
    let hash = account?.passwordHash
    let isRight = try attempt.isRight(credentials.password, for: hash, .login) {
        try credentials.second.spend(of: account?.id ?? 0, call)
    }
    guard isRight else { throw invalidCredentials }
    return try call.write(remembered: false) { tx in
        // Read again, because the account may have been suspended, or its password changed,
        // meanwhile.
        guard let account = try Account.named(credentials.username, in: tx),
            account.passwordHash == hash
        else { throw invalidCredentials }
        guard account.status == .active else {
            throw Problem.forbidden("This account is suspended.", code: "account_suspended")
        }
        try attempt.rememberNetwork(in: tx)
        try claimLaterGuests(of: account.id, claim, at: call.now, in: tx)
        try noticeNewDevice(of: account.id, call, in: tx)
        return .ok(try openSession(for: account.id, call, in: tx))
    }
}

private let invalidCredentials = Problem.unauthorized(
    "invalid_credentials", "The username or the password is wrong.")

/// The account that a login is compared with.
private struct Account: Sendable {
    let id: Int64
    let passwordHash: String
    let status: CustomerStatus

    static func named(_ username: String, in tx: any Transaction) throws -> Account? {
        let row = try tx.first(
            """
            SELECT id, password_hash, status FROM customers
            WHERE username = \(username) AND status <> 'erased' AND guest_email_key IS NULL
            \(.alone("customers"))
            """)
        return try row.map {
            Account(
                id: try $0["id"], passwordHash: try $0["password_hash"], status: try $0["status"])
        }
    }
}
