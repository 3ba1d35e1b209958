import Crypto
import HTTP
import HTTPTypes
public import Storage
import Values

/// Ends a transaction with the response that is stored under the key.
///
/// It is an error, so that the transaction is rolled back: statements that were announced for the
/// handler may have changed rows.
struct Replay: Error {
    let response: Response
}

/// A caller's `Idempotency-Key` and the digest of its request
/// (draft-ietf-httpapi-idempotency-key-header).
///
/// The response is stored in the transaction of the effect. A client that lost the response gets it
/// by repeating the request. A rejected request stores nothing, so its key can be used again.
struct IdempotencyKey: Sendable {
    /// The time for which a response is stored, in seconds.
    static let lifetimeSeconds: Int64 = 24 * 60 * 60

    private var key: String
    private let requestID: String
    private let hasQuota: Bool
    private let cleanup: Cleanup
    /// Digests under each secret of the shop, so that a retry is recognised after a key rotation.
    private let fingerprints: [String]
    /// Keys that encrypt the response, under each secret of the shop; nil for a response in clear.
    private var seals: [[UInt8]]?

    /// Nil if the request has no key, or a method that keys do not apply to.
    ///
    /// - Throws: `Problem` 422 if the key is not 1–255 printable ASCII characters. An empty key is
    ///   an error, because its sender relies on it.
    init?(_ request: Request, to shop: Shop, at now: Instant) throws {
        guard request.method == .post, let key = request.field(.idempotencyKey) else { return nil }
        guard (1...255).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            throw Problem.invalid([
                .init(
                    field: "Idempotency-Key", message: "must be 1 to 255 printable ASCII characters"
                )
            ])
        }
        self.key = key
        self.requestID = request.id
        self.hasQuota = shop.throttlesLogins
        self.cleanup = shop.cleanup
        // Keyed, because a body may contain a password. With a plain digest, anyone who steals the
        // table could guess it.
        let sent = Array("\(request.path)?\(request.query)\n".utf8) + request.body
        self.fingerprints = shop.keys(for: "request fingerprint", at: now).map {
            Blake2b.hash(sent, key: $0, count: 16).hexadecimal
        }
    }

    /// The same key for a response that only the sender of this key can read.
    ///
    /// Its row has a digest of `owner` and the key. So the database contains neither the key nor
    /// anything that the shop's own keys alone could open. `isShared` is whether all anonymous
    /// callers share the keys: then the key must be long, because others could guess a short one.
    func sealed(for owner: String, isShared: Bool, by shop: Shop, at now: Instant) throws
        -> IdempotencyKey
    {
        guard !isShared || key.utf8.count >= 20 else {
            throw Problem.invalid([
                .init(
                    field: "Idempotency-Key",
                    message: "must be at least 20 random characters without a token, such as a UUID"
                )
            ])
        }
        var sealed = self
        sealed.key = "sealed \(Blake2b.hash(Array("\(owner)\n\(key)".utf8)).hexadecimal)"
        sealed.seals = shop.keys(for: "sealed responses", at: now).map {
            Blake2b.hash(Array(key.utf8), key: $0)
        }
        return sealed
    }

    /// The body as it is stored.
    private func stored(_ body: [UInt8]) -> String {
        guard let seal = seals?.first else { return String(decoding: body, as: UTF8.self) }
        return Base64URL.encode(SecretBox.seal(body, key: seal))
    }

    /// The body that was stored, or nil if no key opens it.
    private func opened(_ body: String) -> [UInt8]? {
        guard let seals else { return Array(body.utf8) }
        guard let box = Base64URL.decode(body.utf8) else { return nil }
        return seals.lazy.compactMap { SecretBox.open(box, key: $0) }.first
    }

    /// Runs `work` and stores its response.
    /// - Throws: `Replay` with the response stored under this key; `Problem` 422
    ///   `idempotency_key_reused`, 429 `idempotency_quota_exceeded`; the errors of `work`.
    func once(
        for caller: Caller, at now: Instant, in tx: any Transaction, _ work: () throws -> Response
    ) throws -> Response {
        switch try find(of: caller, at: now, in: tx) {
        case .answer(let response): throw Replay(response: response)
        case .expired(let id): try tx.run("DELETE FROM idempotency_keys WHERE id = \(id)")
        case .nothing: break
        }
        let quota = hasQuota ? IdempotencyQuota(of: caller) : nil
        try quota?.requireRoom(at: now, in: tx)
        let response = try work()
        try store(response, to: caller, at: now, in: tx)
        // Clean up in one of 16 requests, so that the table needs no other maintenance.
        if cleanup.isDue {
            try sweep(at: now, in: tx)
            try quota?.count(at: now, in: tx)
        }
        return response
    }

    /// The response that is stored under this key, or nil; it writes nothing.
    /// - Throws: `Problem` 422 `idempotency_key_reused`.
    func replay(
        to caller: Caller, at now: Instant, in tx: any Transaction
    ) throws -> Response? {
        guard case .answer(let response) = try find(of: caller, at: now, in: tx) else { return nil }
        return response
    }

    /// The row that the table has for a key.
    private enum Stored {
        case nothing
        /// The id of an expired row, which must be deleted before the key can be used again.
        case expired(Int64)
        /// The response to the first request.
        case answer(Response)
    }

    /// Announces the statements with which `once` begins.
    func announce(for caller: Int64, in tx: any Transaction) {
        tx.announce(row(of: caller))
        if hasQuota { tx.announce(IdempotencyQuota.row(of: caller)) }
    }

    private func row(of caller: Int64) -> SQL {
        """
        SELECT id, fingerprint, status, location, body, created_at FROM idempotency_keys
        WHERE caller_id = \(caller) AND key = \(key) \(.alone("idempotency_keys"))
        """
    }

    private func find(
        of caller: Caller, at now: Instant, in tx: any Transaction
    ) throws -> Stored {
        let row = try tx.first(row(of: caller.id))
        guard let row else { return .nothing }
        let createdAt: Instant = try row["created_at"]
        guard createdAt > oldest(at: now) else { return .expired(try row["id"]) }
        guard try fingerprints.contains(row["fingerprint"]), let body = try opened(row["body"])
        else {
            throw Problem(
                .unprocessableContent, "idempotency_key_reused",
                "This idempotency key was used with another request. Use a new one.")
        }
        let status: Int64 = try row["status"]
        var response = Response(status: .stored(code: Int(status)), body: body)
        if !response.body.isEmpty { response.fields[.contentType] = "application/json" }
        if let location: String = try row["location"] { response.fields[.location] = location }
        response.fields[.idempotentReplayed] = "true"
        return .answer(response)
    }

    /// Stores the response.
    private func store(
        _ response: Response, to caller: Caller, at now: Instant, in tx: any Transaction
    ) throws {
        // An erasure may have to delete the response. Only responses to staff and moderators
        // contain data of other people.
        let request = caller.isAtLeast(.moderator) ? requestID : ""
        try tx.later(
            """
            INSERT INTO idempotency_keys (caller_id, key, request_id, fingerprint, status, location, body,
                created_at)
            VALUES (\(caller.id), \(key), \(request), \(fingerprints[0]),
                \(Int64(response.status.code)), \(response.fields[.location].stored),
                \(stored(response.body)), \(now))
            """)
    }

    /// Deletes the expired ones of the 32 rows with the lowest ids.
    ///
    /// The ids follow the age if the clock is right. A wrong clock may have dated a row ahead, and
    /// that row would keep all younger ones. Its lifetime is therefore reset to begin now.
    private func sweep(at now: Instant, in tx: any Transaction) throws {
        try tx.run(
            """
            UPDATE idempotency_keys SET created_at = \(now)
            WHERE id IN (SELECT id FROM idempotency_keys ORDER BY id LIMIT 32 \(.skipping))
                AND created_at > \(now)
            """)
        try tx.run(
            """
            DELETE FROM idempotency_keys
            WHERE id IN (SELECT id FROM idempotency_keys ORDER BY id LIMIT 32 \(.skipping))
                AND created_at <= \(oldest(at: now))
            """)
    }

    private func oldest(at now: Instant) -> Instant {
        now.adding(seconds: -IdempotencyKey.lifetimeSeconds)
    }
}

extension HTTPResponse.Status {
    /// The status of a stored response, with its original reason phrase.
    fileprivate static func stored(code: Int) -> HTTPResponse.Status {
        switch code {
        case 200: .ok
        case 201: .created
        case 202: .accepted
        case 204: .noContent
        default: HTTPResponse.Status(code: code)
        }
    }
}

/// Deletes the stored responses that contain data of a customer.
///
/// These are the responses to that customer, the response with `location` that created the account,
/// and the responses to `requests`.
public func forgetAnswers(
    to caller: Int64, at location: String, requests: [String], in tx: any Transaction
) throws {
    try tx.run("DELETE FROM idempotency_keys WHERE caller_id = \(caller)")
    try tx.run("DELETE FROM idempotency_quotas WHERE caller_id = \(caller)")
    try tx.run("DELETE FROM idempotency_keys WHERE caller_id = 0 AND location = \(location)")
    for request in requests {
        try tx.run(
            "DELETE FROM idempotency_keys WHERE request_id = \(request) AND request_id <> ''")
    }
}

/// Deletes the stored response to an anonymous caller that created the resource at `location`.
public func forgetAnonymousAnswer(at location: String, in tx: any Transaction) throws {
    try tx.run("DELETE FROM idempotency_keys WHERE caller_id = 0 AND location = \(location)")
}

/// The tables that belong to no slice.
public let tables: [Migration] = [
    Migration(
        "service/1 idempotency keys",
        [
            // Rows are numbered, so that the oldest are found without an index on the age. Each
            // order would have to update such an index.
            """
            CREATE TABLE idempotency_keys (
                id \(.serial),
                caller_id \(.int64) NOT NULL,
                key TEXT NOT NULL,
                request_id TEXT NOT NULL,
                fingerprint TEXT NOT NULL,
                status \(.int64) NOT NULL,
                location TEXT,
                body TEXT NOT NULL,
                created_at \(.int64) NOT NULL,
                CONSTRAINT idempotency_keys_caller_id_key_key UNIQUE (caller_id, key)
            ) \(.strict)
            """,
            // Finds the responses that an erasure deletes. The response to an order goes only to
            // its buyer and is not looked up by request.
            """
            CREATE INDEX idempotency_keys_by_request ON idempotency_keys (request_id)
                WHERE request_id <> ''
            """,
            """
            CREATE INDEX idempotency_keys_of_nobody ON idempotency_keys (location)
                WHERE caller_id = 0
            """,
            // The accounts that have reached their quota of keys; usually empty.
            """
            CREATE TABLE idempotency_quotas (
                caller_id \(.int64) PRIMARY KEY,
                refused_until \(.int64) NOT NULL
            ) \(.strict)
            """,
        ]),
    Migration("service/2 times of backups", backupTimesTable),
]
