import HTTP
import Service
import Storage
import Values

/// The body of `POST /customers/{username}/api-keys`.
struct ApiKeyInput: Input {
    let name: String
    let scopes: Scopes
    let expiresAt: Instant?

    init(_ fields: inout Fields) {
        name = fields.required("name", .line(1...100))
        scopes = Scopes(
            fields.values("scopes", count: 1...Scope.allCases.count, .choice(.readInventory)))
        expiresAt = fields.optional("expires_at", .instant)
    }
}

/// API keys per account; expired ones count until they are revoked.
let apiKeysMax: Int64 = 20

/// The response contains the secret; that of a dry run contains none.
@Sendable func createApiKey(_ input: ApiKeyInput, _ call: Call) throws -> Response {
    try call.writeSealed { tx in
        if let expiresAt = input.expiresAt, expiresAt <= call.now {
            throw Problem.invalid([.init(field: "expires_at", message: "must be in the future")])
        }
        let customer = try customerForAdmin(of: call, in: tx, .held("customers"))
        // Concurrent creations wait for each other here, so that they cannot exceed the quota.
        // `alone` would deadlock, because each of them holds its caller's row.
        try tx.run("UPDATE customers SET updated_at = updated_at WHERE id = \(customer.id)")
        let count = try tx.first(
            "SELECT COUNT(*) AS keys FROM api_keys WHERE customer_id = \(customer.id)")
        guard let count: Int64 = try count?["keys"], count < apiKeysMax else {
            throw Problem.quotaExceeded(
                "An account has at most \(apiKeysMax) API keys. Revoke one first.")
        }
        let new = try addApiKey(input, of: customer.id, call, in: tx)
        try audit(
            .createdApiKey, of: customer.id,
            after:
                "\(new.record.prefix): \(new.record.scopes.all.map(\.rawValue).joined(separator: " "))",
            ownersToo: true, by: call, in: tx)
        try notice(.createdApiKey, of: customer.id, at: call.now, in: tx)
        return .created(new, at: "/customers/\(customer.username)/api-keys/\(new.record.id)")
    }
}

/// Stores a new random key, with a prefix that no other key has.
private func addApiKey(
    _ input: ApiKeyInput, of customer: Int64, _ call: Call, in tx: any Transaction
) throws -> NewApiKey {
    while true {
        let key = ApiKey.random()
        let row = try tx.first(
            """
            INSERT INTO api_keys (customer_id, name, prefix, hash, scopes, created_at, expires_at)
            VALUES (\(customer), \(input.name), \(key.prefix), \(key.hash), \(input.scopes), \(call.now),
                \(input.expiresAt.stored))
            ON CONFLICT (prefix) DO NOTHING
            RETURNING \(ApiKeyRecord.columns)
            """)
        // A collision of prefixes has a probability of 2^-48 for each existing key.
        if let row {
            return NewApiKey(record: try ApiKeyRecord(row), key: call.isDryRun ? nil : key)
        }
    }
}
