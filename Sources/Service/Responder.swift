public import HTTP
import HTTPTypes
public import Logging
public import Storage

/// Answers requests.
///
/// There is no middleware: what happens to one is written here, in order.
public final class Responder: Sendable {
    /// Finds whoever a token's claims name, or nil where the session has ended or they may not come
    /// in.
    public typealias Authenticate = @Sendable (Tokens.Claims, any Transaction) throws -> Caller?

    let shop: Shop
    let store: any Store
    /// What has been answered.
    public let traffic: Traffic
    private let routes: RouteTable
    private let authenticate: Authenticate
    private let clock: @Sendable () -> Instant
    private let log: Logger
    private let slowLog: SlowLog
    private let mayKeep: @Sendable () -> Bool

    /// A responder for one slice's table of contents.
    ///
    /// What takes `slowMs` or longer is logged; nothing is where that is nil. `mayKeep` says whether
    /// caches have room for what anybody may see.
    public init(
        _ routes: [Route], of shop: Shop, on store: any Store, authenticate: @escaping Authenticate,
        clock: @escaping @Sendable () -> Instant = Instant.now, log: Logger, slowMs: Int? = nil,
        mayKeep: @escaping @Sendable () -> Bool = { true }
    ) {
        self.traffic = Traffic(routes)
        self.slowLog = SlowLog(slowMs: slowMs)
        self.mayKeep = mayKeep
        self.routes = RouteTable(
            routes.enumerated().map { number, route in
                var route = route
                route.number = number
                return route
            })
        self.shop = shop
        self.store = store
        self.authenticate = authenticate
        self.clock = clock
        self.log = log
    }

    /// The life of a request.
    public func answer(_ request: Request) -> Response {
        let begunUs = monotonicUs()
        var line = traffic.lines.count - 1
        var response: Response
        do {
            response = try carryOut(request, line: &line)
        } catch {
            response = problem(for: error, request).response(to: request.id)
        }
        response.fields.append(HTTPField(name: .requestID, value: request.id))
        response.tellCaches(about: request, mayBeKept: mayKeep())
        if request.method == .head { response.dropBody() }
        let microseconds = monotonicUs() - begunUs
        traffic.lines[line].count(status: response.status.code, microseconds: microseconds)
        slowLog.note(
            request, traffic.lines[line], response, microseconds: microseconds, in: log)
        log.debug(
            "answered",
            metadata: [
                "request_id": "\(request.id)", "method": "\(request.method)",
                "path": "\(request.path)",
                "status": "\(response.status.code)",
            ])
        return response
    }

    /// Route, caller, access, handler, condition.
    private func carryOut(_ request: Request, line: inout Int) throws -> Response {
        let now = clock()
        let (route, path) = try routes.route(for: request)
        line = route.number
        let caller = try caller(of: request, to: route, at: now)
        let response: Response
        do {
            let call = try Call(
                request, by: caller, at: now, path: path, through: route.access, of: self)
            response = try call.isDryRun ? rehearse(route, call) : route.handler(call)
        } catch let problem as Problem {
            try admitFirst(caller, to: route)
            throw problem
        }
        switch request.method {
        case .get, .head: return try response.conditional(on: request)
        case .put, .patch: return response.validated()
        default: return response
        }
    }

    /// What would have happened, be it a refusal, under the name of a dry run.
    private func rehearse(_ route: Route, _ call: Call) throws -> Response {
        var response: Response
        do {
            response = try route.handler(call)
        } catch {
            if error is Problem { try admitFirst(call.caller, to: route) }
            response = problem(for: error, call.request).response(to: call.request.id)
        }
        response.fields.append(HTTPField(name: .dryRun, value: "true"))
        return response
    }

    /// Whoever sent it, if the route is theirs to use.
    ///
    /// Nobody without an `Authorization`; a bad one is refused on public routes as well. For a route
    /// that is one transaction it is whom the token names, without a role as long as they have not
    /// been looked up.
    private func caller(of request: Request, to route: Route, at now: Instant) throws -> Caller {
        guard let claims = try claims(of: request, at: now) else {
            try route.access.admit(.anonymous)
            return .anonymous
        }
        let claimed = Caller(
            id: claims.customer, username: "", role: nil, session: claims.session)
        guard claimed.id != Caller.anonymous.id else { throw Problem.sessionEnded }
        guard !route.isOneTransaction else { return claimed }
        return try store.read { try admit(claimed, through: route.access, in: $0) }
    }

    private func claims(of request: Request, at now: Instant) throws -> Tokens.Claims? {
        guard let authorization = request.field(.authorization) else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Problem.unauthorized(
                "token_invalid", "The Authorization field must be 'Bearer <token>'.")
        }
        return try shop.tokens.verify(String(parts[1].trimming { $0 == " " }), at: now)
    }

    /// Whoever a request is said to come from, as `tx` knows them, if `access` lets them pass.
    ///
    /// Who was let in before must be the same still: in between they may have been erased,
    /// suspended, demoted or logged out, and what they sent must not outlive that.
    /// - Throws: `Problem` 401 `session_ended`, 403 `forbidden`.
    func admit(_ claimed: Caller, through access: Access, in tx: any Transaction) throws -> Caller {
        guard claimed.id != Caller.anonymous.id else {
            try access.admit(.anonymous)
            return .anonymous
        }
        let claims = Tokens.Claims(customer: claimed.id, session: claimed.session)
        guard let caller = try authenticate(claims, tx) else { throw Problem.sessionEnded }
        guard claimed.role == nil || claimed == caller else {
            throw Problem.forbidden("Your role has changed: send it again.")
        }
        try access.admit(caller)
        return caller
    }

    /// Who may not use a route is told that, and not what else is wrong with their request. (What is
    /// wrong with the shop is told to all.)
    private func admitFirst(_ caller: Caller, to route: Route) throws {
        guard route.isOneTransaction else { return }
        _ = try store.read { try admit(caller, through: route.access, in: $0) }
    }

    /// What the sender is told; a fault of ours is logged here, once, and nowhere else.
    private func problem(for error: any Error, _ request: Request) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case StoreError.busy:
            traffic.busyCount.add(1, ordering: .relaxed)
            return .unavailable("The shop is busy at the moment.")
        case StoreError.unavailable:
            traffic.unavailableCount.add(1, ordering: .relaxed)
            return logged(error, request, .unavailable("The shop cannot write at the moment."))
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
    fileprivate static let sessionEnded = unauthorized(
        "session_ended", "The session has ended: log in again.")

    /// 503 with a hint when to come back.
    public static func unavailable(_ detail: String) -> Problem {
        Problem(
            .serviceUnavailable, "unavailable", "\(detail) Try again.", fields: [.retryAfter: "1"])
    }
}

extension Response {
    /// With its validator, where it shows a resource as it is.
    fileprivate func validated() -> Response {
        guard status == .ok else { return self }
        var response = self
        response.fields.append(HTTPField(name: .eTag, value: ETag(of: body).value))
        return response
    }

    /// With its validator, or 304 where the sender has just this (RFC 9110 §13.2.2).
    /// - Throws: `Problem` 412 `precondition_failed` where they ask for another.
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

    /// What HEAD gets: the fields of GET, `Content-Length` among them (RFC 9110 §9.3.2).
    fileprivate mutating func dropBody() {
        // A 304 has no length of its own (§8.6), to GET or to HEAD.
        if status != .notModified { fields[.contentLength] = String(body.count) }
        body = []
    }
}
