public import HTTP
import HTTPTypes
public import Storage

/// One request on its way through a handler: what was sent, who sent it, when, and the doors to the
/// database.
public struct Call: Sendable {
    /// The request as it came.
    public let request: Request
    /// Whoever sent it, let through by the route's `Access`.
    public private(set) var caller: Caller
    /// The moment the request was taken up: the only clock a handler knows.
    public let now: Instant
    /// The shop it was sent to.
    public var shop: Shop { responder.shop }

    /// The query, less what belongs to every route.
    let parameters: Fields
    let isDryRun: Bool
    let path: PathParameters
    private let access: Access
    private let responder: Responder

    init(
        _ request: Request, by caller: Caller, at now: Instant, path: PathParameters,
        through access: Access, of responder: Responder
    ) throws {
        self.request = request
        self.caller = caller
        self.now = now
        self.path = path
        self.access = access
        self.responder = responder
        var parameters = try Fields(query: request.query, of: request.path)
        self.isDryRun =
            request.method.isSafe ? false : parameters.optional("dry_run", .flag) ?? false
        self.parameters = parameters
    }

    /// The path's parameter `name` as text; empty where the route has none of that name.
    public func text(_ name: String) -> String {
        path.first { $0.name == name }?.text ?? ""
    }

    /// The path's parameter `name` as an id.
    /// - Throws: `Problem` 404 where it is not one: no such thing can exist.
    public func id(_ name: String = "id") throws -> Int64 {
        guard let id = Int64(text(name)), id > 0, String(id) == text(name) else {
            throw Problem.notFound()
        }
        return id
    }

    /// Reads on one snapshot of the database.
    public func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        try responder.store.read(body)
    }

    /// Makes a change and its answer in one transaction, with the request's idempotency key among
    /// it, if the caller still is who they were when they were let in.
    ///
    /// With `?dry_run=true` the transaction is rolled back. Pass `remembered: false` where the
    /// answer holds a secret, which must not be stored.
    public func write(
        remembered: Bool = true, _ body: @Sendable (any Transaction) throws -> Response
    ) throws -> Response {
        try write(remembered: remembered) { _, tx in try body(tx) }
    }

    /// The same for a handler that is given the call with its caller as that transaction knows them.
    func write(
        remembered: Bool = true, _ body: @Sendable (Call, any Transaction) throws -> Response
    ) throws -> Response {
        let key = try IdempotencyKey(self)
        let end: TransactionEnd = isDryRun ? .rollback : .commit
        return try responder.store.write(end) { tx in
            var call = self
            call.caller = try responder.admit(caller, through: access, in: tx)
            guard remembered, !isDryRun, let key else { return try body(call, tx) }
            switch try key.recall(at: now, in: tx) {
            case .answer(let response): return response
            case .forgotten(let id): try key.drop(id, in: tx)
            case .nothing: break
            }
            let response = try body(call, tx)
            try key.remember(response, to: call, in: tx)
            return response
        }
    }

    /// Refuses to try out what would hand out something that works.
    /// - Throws: `Problem` 422.
    public func refuseDryRun() throws {
        guard isDryRun else { return }
        throw Problem.invalid([.init(field: "dry_run", message: "is not possible here")])
    }

    /// The answer that this request's idempotency key was given the first time, or nil.
    ///
    /// `write` asks as well; this is for a handler that must compare something before, which the
    /// effect has changed.
    public func replay() throws -> Response? {
        guard !isDryRun, let key = try IdempotencyKey(self) else { return nil }
        guard case .answer(let response) = try read({ try key.recall(at: now, in: $0) }) else {
            return nil
        }
        return response
    }

    /// Makes a change that lasts even in a dry run and though the request is then refused: a guess
    /// at a password is counted.
    public func commit(_ body: @Sendable (any Transaction) throws -> Void) throws {
        try responder.store.write(body)
    }
}

extension HTTPRequest.Method {
    /// RFC 9110 §9.2.1: whoever sends it asks for no change.
    var isSafe: Bool { self == .get || self == .head }
}
