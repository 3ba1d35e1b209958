import HTTP
import Storage

/// How one request's transactions begin and end: with its caller, and under its idempotency key.
struct Transactions: Sendable {
    let store: any Store
    let admission: Admission
    let claims: Tokens.Claims?
    let route: Route
    /// Nil without a key, and in a dry run, which stores nothing.
    let key: IdempotencyKey?
    let isDryRun: Bool

    var end: TransactionEnd { isDryRun ? .rollback : .commit }

    /// The caller, if they may use the route.
    /// - Throws: `Problem` 401, 403.
    func admit(in tx: any Transaction) throws -> Caller {
        try admission.admit(claims, through: route.access, in: tx)
    }

    /// The same in a transaction of its own.
    func admit() throws -> Caller {
        guard claims != nil else { return .anonymous }
        return try store.read(admit(in:))
    }

    /// Runs `work`, or returns the answer of the first request under the same key.
    func once(
        _ call: Call, in tx: any Transaction, _ work: () throws -> Response
    ) throws -> Response {
        guard let key else { return try work() }
        return try key.once(for: call.caller, at: call.now, in: tx, work)
    }
}
