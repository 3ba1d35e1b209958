public import HTTP
import HTTPTypes
public import Storage
public import Values

/// The data of a request for its handler: the input, the caller and the time.
public struct Call: Sendable {
    /// The request as it was received.
    public let request: Request
    /// The caller, admitted by the route's `Access`.
    public private(set) var caller: Caller
    /// The time at which the request was received, the only clock of a handler.
    public let now: Instant
    /// The shop of this responder.
    public let shop: Shop

    let path: PathParameters
    let preconditions: Preconditions?
    /// For handlers that run outside a transaction.
    var transactions: Transactions

    /// The same call with another caller.
    public func by(_ caller: Caller) -> Call {
        var call = self
        call.caller = caller
        return call
    }

    /// The path parameter `name` as text; empty if the route has none of that name.
    public func text(_ name: String) -> String {
        path.first { $0.name == name }?.text ?? ""
    }

    /// The path parameter `name` as an id.
    /// - Throws: `Problem` 404 if it is not an id, because no such resource can exist.
    public func id(_ name: String = "id") throws -> Int64 {
        guard let id = Int64(text(name)), id > 0, String(id) == text(name) else {
            throw Problem.notFound()
        }
        return id
    }

    /// Rejects staff and admins who use their rights on their own account, wallet or order.
    ///
    /// Another member of staff can do it.
    ///
    /// - Throws: `Problem` 403 `own_account`.
    public func refuseOwnAccount(_ customer: Int64) throws {
        guard customer == caller.id else { return }
        throw Problem.forbidden(
            "This concerns your own account. Ask another member of staff.", code: "own_account")
    }
}

/// Only for handlers of `outside:` routes; other handlers get a transaction.
extension Call {
    /// Reads from one snapshot of the database.
    public func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        try transactions.store.read(body)
    }

    /// Runs a change in one transaction with the storage of its response under the idempotency key.
    ///
    /// It first checks that the caller is still the same and admitted. With `?dry_run=true` the
    /// transaction is rolled back. Pass `remembered: false` for a response that must not be stored,
    /// such as that to a login.
    public func write(
        remembered: Bool = true, _ body: @Sendable (any Transaction) throws -> Response
    ) throws -> Response {
        let transactions = transactions
        func write() throws -> Response {
            try transactions.store.write(transactions.end) { tx in
                if remembered { transactions.announceOnce(in: tx) }
                guard try transactions.admit(in: tx) == caller else {
                    throw Problem.forbidden("Your role changed during the request. Retry it.")
                }
                guard remembered else { return try body(tx) }
                return try transactions.once(self, in: tx) { try body(tx) }
            }
        }
        return remembered
            ? try transactions.orReplay(self, write) : try transactions.orReclaim(write)
    }

    /// Like `write`, for a response that contains a secret.
    ///
    /// Under an idempotency key the response is stored encrypted, with a key that is made of the
    /// idempotency key too. `owner` separates anonymous callers that use the same key.
    /// - Throws: also `Problem` 422 for an anonymous caller's idempotency key of less than 20
    ///   characters, which others could guess.
    public func writeSealed(
        for owner: String = "", _ body: @Sendable (any Transaction) throws -> Response
    ) throws -> Response {
        var call = self
        call.transactions.key = try transactions.key?.sealed(
            for: owner, isShared: caller.role == nil, by: shop, at: now)
        return try call.write(body)
    }

    /// Runs `body` every 100 ms while it returns true, for a request that waits for a change.
    ///
    /// Then it checks that the caller is still the same and admitted. If too many requests wait, it
    /// does nothing.
    /// - Throws: `Problem` 401, 403.
    public func wait(while body: () throws -> Bool) throws {
        guard try shop.waiting.wait(transactions.pauses, while: body) else { return }
        guard try transactions.admit() == caller else {
            throw Problem.forbidden("Your role changed during the request. Retry it.")
        }
    }

    /// Whether the transaction of the request is rolled back.
    public var isDryRun: Bool { transactions.isDryRun }

    /// Makes a change that is committed even in a dry run or if the request then fails.
    ///
    /// An example is the count of failed logins.
    @discardableResult
    public func commit<T: Sendable>(
        _ body: @Sendable (any Transaction) throws -> T
    ) throws -> T {
        try transactions.store.write(body)
    }

    /// The response that is stored under the request's idempotency key, or nil.
    ///
    /// `write` looks it up as well. This is for a handler that first compares data that the effect
    /// has changed.
    public func replay() throws -> Response? {
        guard let key = transactions.key else { return nil }
        return try read { try key.replay(to: caller, at: now, in: $0) }
    }

    /// Rejects `dry_run` on calls that compare or hash a password, or that start a session.
    /// - Throws: `Problem` 422.
    public func refuseDryRun() throws {
        guard transactions.isDryRun else { return }
        throw Problem.invalid([
            .init(field: "dry_run", message: "is not supported by this operation")
        ])
    }
}

extension HTTPRequest.Method {
    /// Whether the method is safe: its sender requests no change (RFC 9110 §9.2.1).
    var isSafe: Bool { self == .get || self == .head }
}
