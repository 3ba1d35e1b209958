import HTTP
import Storage
import Values

/// Authenticates the caller of a request and checks the access to its route.
struct Admission: Sendable {
    let tokens: Tokens
    let authentication: Authentication
    /// `SOUK_STAFF_TOTP`.
    let staffTotp: Bool

    /// The credential of a request to a route, or nil without one.
    ///
    /// The signature and the expiry of a token have been verified, but not its session. An API key
    /// has the right form, and nothing more is known about it.
    /// - Throws: `Problem` 401 `token_invalid`, `token_expired`.
    func credential(of request: Request, to route: Route, at now: Instant) throws -> Credential? {
        guard let authorization = request.field(.authorization) else {
            guard case .customerOrGuest = route.access else { return nil }
            return request.field(.orderToken).map(Credential.order)
        }
        let bytes = authorization.utf8
        guard let space = bytes.firstIndex(of: UInt8(ascii: " ")),
            bytes[..<space].isEqualIgnoringCase(to: "bearer")
        else {
            throw Problem.unauthorized(
                "token_invalid", "The Authorization header must be 'Bearer <token>'.")
        }
        let token = bytes[space...].drop { $0 == UInt8(ascii: " ") }
        if ApiKey.isMeant(by: token) {
            guard let key = ApiKey(token) else { throw Problem.keyInvalid }
            return .key(key)
        }
        let claims = try tokens.verify(String(Substring(token)), at: now)
        guard claims.customer != Caller.anonymous.id else { throw Problem.sessionEnded }
        return .session(claims)
    }

    /// The caller that `credential` names, with the current data in `tx`, if `route` allows it.
    /// - Throws: `Problem` 401 `token_missing`, `session_ended`, `token_invalid`; 403 `forbidden`,
    ///   `insufficient_scope`, `totp_enrollment_required`.
    func admit(
        _ credential: Credential?, to route: Route, _ path: PathParameters, at now: Instant,
        in tx: any Transaction
    ) throws -> Caller {
        guard let credential else {
            try route.access.admit(.anonymous)
            return .anonymous
        }
        if case .order(let token) = credential, case .customerOrGuest(let find) = route.access {
            return try find(token, path.first { $0.name == "id" }?.text ?? "", tx)
        }
        guard let caller = try authentication.caller(credential, now, tx) else {
            if case .key = credential { throw Problem.keyInvalid }
            throw Problem.sessionEnded
        }
        try route.access.admit(caller)
        if staffTotp, caller.isAtLeast(.moderator), !route.isOpen(beforeEnrollmentOf: caller, path),
            try !authentication.hasSecondFactor(caller.id, tx)
        {
            throw Problem.forbidden(
                "The role \(caller.role?.rawValue ?? "") requires a second factor. Enrol one first.",
                code: "totp_enrollment_required")
        }
        if let scopes = caller.scopes { try route.require(scopes) }
        return caller
    }
}

extension Route {
    /// Whether staff without a second factor may use the route.
    fileprivate func isOpen(beforeEnrollmentOf caller: Caller, _ path: PathParameters) -> Bool {
        guard case .beforeEnrollment = access else { return false }
        return path.allSatisfy { $0.name != "username" || $0.text == caller.username }
    }

    /// Checks that a key with `scopes` may be used for the route.
    ///
    /// - Throws: `Problem` 403 `insufficient_scope` with the scope; 403 `forbidden` if no key may.
    fileprivate func require(_ scopes: Scopes) throws {
        guard access.acceptsKeys, let scope else {
            throw Problem.forbidden("An API key cannot be used for this. Log in.")
        }
        guard scopes.include(scope) else { throw Problem.insufficientScope(scope.rawValue) }
    }
}

extension Problem {
    /// 401: the session of the token has ended.
    public static let sessionEnded = unauthorized(
        "session_ended", "The session has ended. Log in again.")

    /// 401 for every key that does not work, which does not reveal why.
    fileprivate static let keyInvalid = unauthorized(
        "token_invalid",
        "The API key is unknown, revoked or expired, or its account is not active.")
}
