public import HTTP
import HTTPTypes
public import Storage
public import Values

/// What a handler knows of its request: what was sent, who sent it, and when.
public struct Call: Sendable {
    /// The request as it came.
    public let request: Request
    /// The sender, admitted by the route's `Access`.
    public private(set) var caller: Caller
    /// The moment at which the request was received: the only clock of a handler.
    public let now: Instant
    /// The shop that it was sent to.
    public let shop: Shop

    let path: PathParameters
    let preconditions: Preconditions?
    /// For handlers that work outside a transaction.
    let transactions: Transactions

    /// The same call, sent by `caller`.
    func by(_ caller: Caller) -> Call {
        var call = self
        call.caller = caller
        return call
    }

    /// The path's parameter `name` as text; empty if the route has none of that name.
    public func text(_ name: String) -> String {
        path.first { $0.name == name }?.text ?? ""
    }

    /// The path's parameter `name` as an id.
    /// - Throws: `Problem` 404 if it is not one: no such resource can exist.
    public func id(_ name: String = "id") throws -> Int64 {
        guard let id = Int64(text(name)), id > 0, String(id) == text(name) else {
            throw Problem.notFound()
        }
        return id
    }
}

/// For handlers of `outside:` routes only; the others are handed their transaction.
extension Call {
    /// Reads on one snapshot of the database.
    public func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        try transactions.store.read(body)
    }

    /// Makes a change and its answer in one transaction, together with the idempotency key, if the
    /// caller is still the one who was admitted.
    ///
    /// With `?dry_run=true` the transaction is rolled back. Pass `remembered: false` for an answer
    /// that holds a secret, which must not be stored.
    public func write(
        remembered: Bool = true, _ body: @Sendable (any Transaction) throws -> Response
    ) throws -> Response {
        let transactions = transactions
        return try transactions.store.write(transactions.end) { tx in
            guard try transactions.admit(in: tx) == caller else {
                throw Problem.forbidden("Your role changed during the request. Retry it.")
            }
            guard remembered else { return try body(tx) }
            return try transactions.once(self, in: tx) { try body(tx) }
        }
    }

    /// Makes a change that lasts even in a dry run and if the request is then refused: a failed
    /// login is counted.
    public func commit(_ body: @Sendable (any Transaction) throws -> Void) throws {
        try transactions.store.write(body)
    }

    /// The answer that is stored under this request's idempotency key, or nil.
    ///
    /// `write` looks it up as well; this is for a handler that must first compare something that the
    /// effect has changed.
    public func replay() throws -> Response? {
        guard let key = transactions.key else { return nil }
        return try read { try key.replay(to: caller, at: now, in: $0) }
    }

    /// Rejects `dry_run` on calls that return a usable credential or hash a password.
    /// - Throws: `Problem` 422.
    public func refuseDryRun() throws {
        guard transactions.isDryRun else { return }
        throw Problem.invalid([
            .init(field: "dry_run", message: "is not supported by this operation")
        ])
    }
}

extension HTTPRequest.Method {
    /// Whether its sender asks for no change (RFC 9110 §9.2.1).
    var isSafe: Bool { self == .get || self == .head }
}
