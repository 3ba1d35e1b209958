import HTTP
import Service
import Storage

/// The body of `POST /customers/login`.
struct Credentials: Input {
    let username: String
    let password: String

    init(_ fields: inout Fields) {
        username = fields.required("username", .line(1...120))
        password = fields.required("password", .guess)
    }
}

@Sendable func login(_ call: Call) throws -> Response {
    try call.refuseDryRun()
    let credentials = try call.body(Credentials.self)
    let compared = try call.read { tx in
        // Here as well, so that those who are locked out do not stand in the queue.
        try refuseWhileLocked(credentials.username, call, in: tx)
        return try Account.named(credentials.username, in: tx)?.passwordHash
    }
    guard
        try isRight(
            credentials.password, for: compared, of: credentials.username, .login, call)
    else { throw invalidCredentials }
    return try call.write(remembered: false) { tx in
        // Again, because they may have been suspended in the meantime.
        guard let account = try Account.named(credentials.username, in: tx),
            account.passwordHash == compared
        else { throw invalidCredentials }
        guard account.status == .active else {
            throw Problem.forbidden("This account is suspended.", code: "suspended")
        }
        return .ok(try openSession(for: account.id, call, in: tx))
    }
}

private let invalidCredentials = Problem.unauthorized(
    "invalid_credentials", "The username or the password is wrong.")

/// What a login compares with.
private struct Account {
    let id: Int64
    let passwordHash: String
    let status: CustomerStatus

    static func named(_ username: String, in tx: any Transaction) throws -> Account? {
        let row = try tx.first(
            """
            SELECT id, password_hash, status FROM customers
            WHERE username = \(username) AND status <> 'erased'
            """)
        return try row.map {
            Account(
                id: try $0["id"], passwordHash: try $0["password_hash"], status: try $0["status"])
        }
    }
}
