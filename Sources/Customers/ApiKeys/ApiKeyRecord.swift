import HTTP
import Service
import Storage
import Values

/// An API key of an account as lists show it, without its secret.
struct ApiKeyRecord: Sendable {
    let id: Int64
    let name: String
    let prefix: String
    let scopes: Scopes
    let createdAt: Instant
    /// The start of the minute of the last use.
    let lastUsedAt: Instant?
    let expiresAt: Instant?
}

extension ApiKeyRecord: Record {
    static let columns: SQL = "id, name, prefix, scopes, created_at, last_used_at, expires_at"
    static let source: SQL = "api_keys"

    init(_ row: Row, _ context: Void) throws {
        self.init(
            id: try row["id"], name: try row["name"], prefix: try row["prefix"],
            scopes: try row["scopes"], createdAt: try row["created_at"],
            lastUsedAt: try row["last_used_at"], expiresAt: try row["expires_at"])
    }
}

extension ApiKeyRecord: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { writeFields(to: &$0) }
    }

    fileprivate func writeFields(to json: inout JSONWriter) {
        json.field("id", id)
        json.field("name", name)
        json.field("prefix", prefix)
        json.field("scopes", scopes.all.map(\.rawValue))
        json.field("created_at", createdAt)
        json.field("last_used_at", lastUsedAt)
        json.field("expires_at", expiresAt)
    }
}

/// A new API key with its secret, which is shown only once.
struct NewApiKey: JSONWritable {
    let record: ApiKeyRecord
    /// Nil in a dry run, so that nobody keeps a key that does not work.
    let key: ApiKey?

    func write(to json: inout JSONWriter) {
        json.object {
            record.writeFields(to: &$0)
            $0.field("key", key?.text)
        }
    }
}
