import Crypto
import Service
import Storage
import Values

/// The secret of a webhook, with which its messages are signed.
struct WebhookSecret: Sendable {
    let bytes: [UInt8]

    /// The number of bytes, within the 24 to 64 of the Standard Webhooks specification.
    static let bytesCount = 32

    static func random() -> WebhookSecret {
        WebhookSecret(bytes: randomBytes(bytesCount))
    }

    /// The form that the specification prescribes.
    var text: String { "whsec_\(Base64.encode(bytes))" }
}

/// The keys that encrypt the secrets in the database.
struct WebhookKeys: Sendable {
    /// The current key, and former ones that still decrypt.
    private let keys: [[UInt8]]

    init(of shop: Shop, at now: Instant) {
        keys = shop.keys(for: "webhook secrets", at: now)
    }

    /// The secret in the form for the database.
    func seal(_ secret: WebhookSecret) -> String {
        Base64URL.encode(SecretBox.seal(secret.bytes, key: keys[0]))
    }

    /// The secret, and whether a former key encrypted it; nil if no valid key did.
    func open(_ sealed: String) -> (secret: WebhookSecret, isOld: Bool)? {
        guard let box = Base64URL.decode(sealed.utf8) else { return nil }
        for (index, key) in keys.enumerated() {
            if let bytes = SecretBox.open(box, key: key) {
                return (WebhookSecret(bytes: bytes), index > 0)
            }
        }
        return nil
    }

    /// The same secret encrypted with the current key; nil if it is already, or cannot be read.
    func resealed(_ sealed: String) -> String? {
        guard let (secret, isOld) = open(sealed), isOld else { return nil }
        return seal(secret)
    }
}

/// The stored secrets of a webhook.
struct SealedSecrets: Record {
    let webhook: Int64
    let current: String
    /// The one before the last rotation.
    let former: String?
    let formerUntil: Instant?

    static let columns: SQL = "id, secret, former_secret, former_until"
    static let source: SQL = "webhooks"

    init(_ row: Row, _ context: Void) throws {
        webhook = try row["id"]
        current = try row["secret"]
        former = try row["former_secret"]
        formerUntil = try row["former_until"]
    }

    /// The secrets that sign a message at `now`, the current one first; nil if the current one
    /// cannot be decrypted.
    func signing(with keys: WebhookKeys, at now: Instant) -> [WebhookSecret]? {
        guard let current = keys.open(current) else { return nil }
        guard let former, let formerUntil, formerUntil > now else { return [current.secret] }
        return [current.secret] + [keys.open(former)?.secret].compactMap { $0 }
    }

    /// Encrypts the secrets of a webhook with the current key if a former one encrypted them.
    static func reseal(_ webhook: Int64, with keys: WebhookKeys, in tx: any Transaction) throws {
        let secrets = try tx.first(
            SealedSecrets.self,
            "WHERE id = \(webhook) AND deleted_at IS NULL \(.alone("webhooks"))")
        try secrets?.reseal(with: keys, in: tx)
    }

    /// The same for secrets that were read in this transaction.
    ///
    /// Without it, they would be lost when the former key expires.
    func reseal(with keys: WebhookKeys, in tx: any Transaction) throws {
        if let new = keys.resealed(current) {
            try tx.run(
                """
                UPDATE webhooks SET secret = \(new) WHERE id = \(webhook) AND secret = \(current)
                """)
        }
        if let former, let new = keys.resealed(former) {
            try tx.run(
                """
                UPDATE webhooks SET former_secret = \(new)
                WHERE id = \(webhook) AND former_secret = \(former)
                """)
        }
    }
}
