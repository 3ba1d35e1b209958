import CJWT
import Glibc
import HTTP
import Storage
public import Values

/// Signs and verifies access tokens: JWT (RFC 7519) with HS256 (RFC 7518 §3.2) only.
///
/// A token names the customer and the session, but not their rights. Each request reads the role
/// and the status from the database.
public struct Tokens: Sendable {
    /// The claims of a token.
    public struct Claims: Sendable, Equatable {
        /// `sub`: the customer's id.
        public let customer: Int64
        /// `sid`: the session of the token.
        public let session: Int64

        /// Creates claims to sign.
        public init(customer: Int64, session: Int64) {
            self.customer = customer
            self.session = session
        }
    }

    private static let issuer = "souk"

    private let keys: KeyRing
    private let lifetimeSeconds: Int64
    private let verified = VerifiedTokens()

    /// Creates tokens under the keys of a shop, each valid for `lifetimeSeconds`.
    init(keys: KeyRing, lifetimeSeconds: Int64) {
        self.keys = keys
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// Signs a token; returns it with its lifetime in seconds.
    ///
    /// `kid` names the key that signed it.
    public func sign(
        _ claims: Claims, at now: Instant
    ) throws -> (token: String, expiresInSeconds: Int64) {
        // Sign with a key that was rotated a moment ago.
        _ = keys.reload()
        let key = keys.present
        var jwt: OpaquePointer?
        let issued = Int(now.milliseconds / 1000)
        guard jwt_new(&jwt) == 0, let jwt else { throw TokenFault.signing }
        defer { jwt_free(jwt) }
        guard jwt_set_alg(jwt, JWT_ALG_HS256, key, Int32(key.count)) == 0,
            jwt_add_header(jwt, "kid", keyID(of: key)) == 0,
            jwt_add_grant(jwt, "iss", Tokens.issuer) == 0,
            jwt_add_grant(jwt, "sub", String(claims.customer)) == 0,
            jwt_add_grant(jwt, "sid", String(claims.session)) == 0,
            jwt_add_grant_int(jwt, "iat", issued) == 0,
            jwt_add_grant_int(jwt, "exp", issued + Int(lifetimeSeconds)) == 0,
            let text = jwt_encode_str(jwt)
        else { throw TokenFault.signing }
        defer { free(text) }
        return (String(cString: text), lifetimeSeconds)
    }

    /// The claims of a token, after checking its signature, algorithm, issuer and expiry.
    /// - Throws: `Problem` 401 `token_invalid` or `token_expired`.
    public func verify(_ token: String, at now: Instant) throws -> Claims {
        let signature =
            try verified.find(token, among: keys.all(at: now)) ?? read(token, at: now)
        guard signature.expiresAtSeconds > now.milliseconds / 1000 else {
            throw Problem.unauthorized(
                "token_expired", "The access token has expired. Refresh it or log in again.")
        }
        return signature.claims
    }

    /// The verified contents of a token with a valid signature, expired or not.
    private func read(_ token: String, at now: Instant) throws -> VerifiedTokens.Signature {
        guard
            let (jwt, key) = decode(token, at: now)
                ?? (keys.reload() ? decode(token, at: now) : nil)
        else { throw Tokens.invalid }
        defer { jwt_free(jwt) }
        // libjwt takes the algorithm from the token's header, in any case. It would also accept
        // HS512 or hs256 under this key.
        guard header("alg", of: jwt) == "HS256", grant("iss", of: jwt) == Tokens.issuer,
            let customer = grant("sub", of: jwt).flatMap({ Int64($0) }),
            let session = grant("sid", of: jwt).flatMap({ Int64($0) })
        else { throw Tokens.invalid }
        guard isUsable(jwt, at: now) else { throw Tokens.invalid }
        let signature = VerifiedTokens.Signature(
            claims: Claims(customer: customer, session: session),
            expiresAtSeconds: Int64(jwt_get_grant_int(jwt, "exp")), key: key)
        verified.remember(token, signature)
        return signature
    }

    /// Decodes the token with each key in turn; there are too few for `kid` to save time.
    private func decode(_ token: String, at now: Instant) -> (OpaquePointer, key: [UInt8])? {
        for key in keys.all(at: now) {
            var jwt: OpaquePointer?
            if jwt_decode(&jwt, token, key, Int32(key.count)) == 0, let jwt { return (jwt, key) }
        }
        return nil
    }

    /// Whether no claim or header forbids the use of a token.
    ///
    /// Such are a start time in the future (RFC 7519 §4.1.5) and an unknown critical extension (RFC
    /// 7515 §4.1.11).
    private func isUsable(_ jwt: OpaquePointer, at now: Instant) -> Bool {
        guard !has(jwt_get_headers_json(jwt, "crit")) else { return false }
        guard has(jwt_get_grants_json(jwt, "nbf")) else { return true }
        let begin = jwt_get_grant_int(jwt, "nbf")
        return begin > 0 && begin <= Int(now.milliseconds / 1000)
    }

    private func has(_ json: UnsafeMutablePointer<CChar>?) -> Bool {
        free(json)
        return json != nil
    }

    private func header(_ name: String, of jwt: OpaquePointer) -> String? {
        jwt_get_header(jwt, name).map { String(cString: $0) }
    }

    private func grant(_ name: String, of jwt: OpaquePointer) -> String? {
        jwt_get_grant(jwt, name).map { String(cString: $0) }
    }

    private static let invalid = Problem.unauthorized(
        "token_invalid", "This shop did not issue the bearer token.")
}

private enum TokenFault: Error {
    case signing
}
