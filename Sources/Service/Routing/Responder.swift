public import HTTP
import HTTPTypes
public import Logging
public import Storage
import Threads
public import Values

/// Answers requests.
///
/// There is no middleware: `carryOut` contains all steps of a request, in order.
public final class Responder: Sendable {
    let shop: Shop
    let store: any Store
    /// The counters of responses.
    public let traffic: Traffic
    private let routes: RouteTable
    private let admission: Admission
    private let clock: @Sendable () -> Instant
    private let log: Logger
    private let slowLog: SlowLog
    private let reclaim: Reclaim?
    private let mayKeep: @Sendable () -> Bool
    private let keyUses = ApiKeyUses()

    /// Creates a responder for a route table.
    ///
    /// Requests that take at least `slowMs` milliseconds are logged; nil logs none. `mayKeep`
    /// returns whether caches have space for public responses.
    public init(
        _ routes: [Route], of shop: Shop, on store: any Store, authentication: Authentication,
        reclaim: Reclaim? = nil, clock: @escaping @Sendable () -> Instant = Instant.now,
        log: Logger, slowMs: Int? = nil, mayKeep: @escaping @Sendable () -> Bool = { true }
    ) {
        self.traffic = Traffic(routes)
        self.slowLog = SlowLog(slowMs: slowMs)
        self.reclaim = reclaim
        self.mayKeep = mayKeep
        self.routes = RouteTable(
            routes.enumerated().map { index, route in
                var route = route
                route.index = index
                return route
            })
        self.shop = shop
        self.store = store
        self.admission = Admission(
            tokens: shop.tokens, authentication: authentication, staffTotp: shop.staffTotp)
        self.clock = clock
        self.log = log
    }

    /// Answers one request; an error becomes an error response.
    public func answer(_ request: Request) -> Response {
        let begunUs = monotonicUs()
        var progress = Progress(routeIndex: traffic.lines.count - 1)
        var response: Response
        do {
            response = try carryOut(request, &progress)
        } catch {
            response = problem(for: error, request).response(to: request.id)
        }
        if progress.isDryRun { response.fields.append(HTTPField(name: .dryRun, value: "true")) }
        response.fields.append(HTTPField(name: .requestID, value: request.id))
        response.tellCaches(about: request, mayBeKept: mayKeep())
        if request.method == .head { response.dropBody() }
        if response.status != .unauthorized { recordUse(of: progress.credential) }
        let pausesUs = progress.pauses?.microseconds.load(ordering: .relaxed) ?? 0
        let microseconds = monotonicUs() - begunUs - pausesUs
        let line = traffic.lines[progress.routeIndex]
        line.count(status: response.status.code, microseconds: microseconds)
        slowLog.note(request, line, response, microseconds: microseconds, in: log)
        log.debug(
            "answered",
            metadata: [
                "request_id": "\(request.id)", "method": "\(request.method)",
                "path": "\(request.path)",
                "status": "\(response.status.code)",
            ])
        return response
    }

    /// The facts about a request that are known even if it fails.
    private struct Progress {
        var routeIndex: Int
        var isDryRun = false
        var credential: Credential?
        var pauses: Pauses?
    }

    /// Stores when an API key was last used, to the minute, after the request's own transaction.
    private func recordUse(of credential: Credential?) {
        guard case .key(let key)? = credential else { return }
        let minute = clock().startOfMinute
        guard keyUses.isFirst(of: key, at: minute) else { return }
        do {
            try store.write { try admission.authentication.recordUse(key, minute, $0) }
        } catch {
            // The response is right without it.
            log.warning("the use of an API key was not stored", metadata: ["error": "\(error)"])
        }
    }

    /// Runs the steps: route, token, input, transaction, role, idempotency, handler, preconditions.
    ///
    /// Input is parsed before the transaction begins, so that parsing holds none open. Its faults
    /// are reported after the role check, because callers without the right must not learn more.
    private func carryOut(_ request: Request, _ progress: inout Progress) throws -> Response {
        let now = clock()
        let (route, path) = try routes.route(for: request)
        progress.routeIndex = route.index
        let credential =
            try route.access.readsToken
            ? admission.credential(of: request, to: route, at: now) : nil
        progress.credential = credential
        if credential == nil { try route.access.admit(.anonymous) }
        let input: (work: Route.Work, key: IdempotencyKey?)
        do {
            input = try parse(request, route, at: now, &progress.isDryRun)
        } catch {
            if credential != nil {
                _ = try store.read {
                    try admission.admit(credential, to: route, path, at: now, in: $0)
                }
            }
            throw error
        }
        // Only requests with a parameter wait.
        if request.method.isSafe, !request.query.isEmpty { progress.pauses = Pauses() }
        let call = Call(
            request: request, caller: .anonymous, now: now, shop: shop, path: path,
            preconditions: Preconditions(request),
            transactions: Transactions(
                store: store, admission: admission, credential: credential, route: route,
                path: path,
                now: now, key: input.key, isDryRun: progress.isDryRun, pauses: progress.pauses,
                reclaim: reclaim))
        let response = try run(input.work, call)
        switch request.method {
        case .get, .head: return try response.conditional(on: request)
        case .put, .patch: return response.validated()
        default: return response
        }
    }

    /// Admits the caller and runs the handler, in one transaction unless the handler opens its own.
    private func run(_ work: Route.Work, _ call: Call) throws -> Response {
        let transactions = call.transactions
        switch work {
        case .outside(let handler):
            return try handler(call.by(try transactions.admit()))
        case .inside(let handler, _) where call.request.method.isSafe:
            return try store.read { tx in
                try handler(call.by(try transactions.admit(in: tx)), tx)
            }
        case .inside(let handler, let announce):
            // A caller without the right must not enter the writer's queue. Customers with a signed
            // token are not looked up twice, because that costs an order a tenth of its time.
            let isSigned = transactions.credential?.isSigned ?? true
            if !isSigned || transactions.route.access.isAboveCustomer {
                _ = try transactions.admit()
            }
            return try transactions.orReplay(call) {
                try store.write(transactions.end) { tx in
                    transactions.announceOnce(and: announce, in: tx)
                    let call = call.by(try transactions.admit(in: tx))
                    return try transactions.once(call, in: tx) {
                        let response = try handler(call, tx)
                        try call.preconditions?.requireEvaluated()
                        return response
                    }
                }
            }
        }
    }

    private func parse(
        _ request: Request, _ route: Route, at now: Instant, _ isDryRun: inout Bool
    ) throws -> (work: Route.Work, key: IdempotencyKey?) {
        guard !route.isRaw else { return (try route.parse(request, Fields([])), nil) }
        var query = try Fields(query: request.query, of: request.path)
        if !request.method.isSafe {
            isDryRun = query.optional("dry_run", .flag) ?? false
        }
        let work = try route.parse(request, query)
        let key = try IdempotencyKey(request, to: shop, at: now)
        return (work, isDryRun ? nil : key)
    }

    /// The problem for an error.
    ///
    /// Internal errors are logged only here, once each.
    private func problem(for error: any Error, _ request: Request) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case StoreError.busy:
            traffic.busyCount.add(1, ordering: .relaxed)
            return .unavailable("The database is busy.")
        case StoreError.unavailable:
            traffic.unavailableCount.add(1, ordering: .relaxed)
            return logged(
                error, request, .unavailable("The database cannot be written at present."))
        case StoreError.outcomeUnknown:
            traffic.unavailableCount.add(1, ordering: .relaxed)
            return logged(error, request, .outcomeUnknown)
        default: return logged(error, request, .fault)
        }
    }

    private func logged(_ error: any Error, _ request: Request, _ problem: Problem) -> Problem {
        log.error(
            "\(error)",
            metadata: [
                "request_id": "\(request.id)", "method": "\(request.method)",
                "path": "\(request.path)",
            ])
        return problem
    }
}

extension Problem {
    /// 503 with `Retry-After`.
    public static func unavailable(_ detail: String) -> Problem {
        Problem(
            .serviceUnavailable, "unavailable", "\(detail) Retry later.", fields: [.retryAfter: "1"]
        )
    }

    /// 503 `outcome_unknown`: the database failed during the commit of the request.
    fileprivate static let outcomeUnknown = Problem(
        .serviceUnavailable, "outcome_unknown",
        """
        The database failed while it committed the change, which is now made completely or not at \
        all. Repeat the request with the same Idempotency-Key to learn which.
        """, fields: [.retryAfter: "1"])
}

extension Response {
    /// The response with an ETag, if it contains a resource.
    fileprivate func validated() -> Response {
        guard status == .ok else { return self }
        var response = self
        response.fields.append(HTTPField(name: .eTag, value: ETag(of: body).value))
        return response
    }

    /// The response with an ETag, or 304 if the client has this version (RFC 9110 §13.2.2).
    /// - Throws: `Problem` 412 `precondition_failed` if `If-Match` names another version.
    fileprivate func conditional(on request: Request) throws -> Response {
        var response = validated()
        guard status == .ok else { return response }
        if let list = request.field(.ifMatch), !ETag(of: body).isNamed(byIfMatch: list) {
            throw Problem.hasChanged
        }
        guard let list = request.field(.ifNoneMatch),
            ETag(of: body).isNamed(byIfNoneMatch: list)
        else { return response }
        response.status = .notModified
        response.fields[.contentType] = nil
        response.body = []
        return response
    }

    /// Turns a response to GET into one to HEAD: the same fields with `Content-Length` (RFC 9110
    /// §9.3.2).
    fileprivate mutating func dropBody() {
        // A 304 has no Content-Length, for GET and HEAD alike (§8.6).
        if status != .notModified { fields[.contentLength] = String(body.count) }
        body = []
    }
}
