import HTTP
import Storage
import Values

/// Authenticates the caller of a request and checks the access to its route.
struct Admission: Sendable {
    let tokens: Tokens
    let authenticate: Responder.Authenticate

    /// The claims of the request's access token, or nil without a token.
    ///
    /// The signature and the expiry have been verified, but not the session.
    /// - Throws: `Problem` 401 `token_invalid`, `token_expired`.
    func claims(of request: Request, at now: Instant) throws -> Tokens.Claims? {
        guard let authorization = request.field(.authorization) else { return nil }
        let bytes = authorization.utf8
        guard let space = bytes.firstIndex(of: UInt8(ascii: " ")),
            bytes[..<space].isEqualIgnoringCase(to: "bearer")
        else {
            throw Problem.unauthorized(
                "token_invalid", "The Authorization header must be 'Bearer <token>'.")
        }
        let token = bytes[space...].drop { $0 == UInt8(ascii: " ") }
        let claims = try tokens.verify(String(Substring(token)), at: now)
        guard claims.customer != Caller.anonymous.id else { throw Problem.sessionEnded }
        return claims
    }

    /// The caller that `claims` name, with the current data in `tx`, if `access` allows it.
    /// - Throws: `Problem` 401 `token_missing`, `session_ended`; 403 `forbidden`.
    func admit(
        _ claims: Tokens.Claims?, through access: Access, in tx: any Transaction
    ) throws -> Caller {
        guard let claims else {
            try access.admit(.anonymous)
            return .anonymous
        }
        guard let caller = try authenticate(claims, tx) else { throw Problem.sessionEnded }
        try access.admit(caller)
        return caller
    }
}

extension Problem {
    /// 401: the session of the token has ended.
    public static let sessionEnded = unauthorized(
        "session_ended", "The session has ended. Log in again.")
}
