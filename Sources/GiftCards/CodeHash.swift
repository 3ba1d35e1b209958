import Crypto
import Service
import Storage

/// The keyed hash by which a gift card is found.
///
/// The key is random and belongs to the database, not to the shop's key file: a key that is rotated
/// out of the file would make every unredeemed card worthless. A code has 80 random bits, so also
/// someone who has stolen the key with the hashes cannot find a code by trying.
struct CodeHash {
    private let key: [UInt8]

    /// Nil as long as the shop has issued no card.
    init?(in tx: any Transaction) throws {
        guard let row = try tx.first("SELECT hash_key FROM gift_card_keys WHERE id = 1"),
            let key = Base64URL.decode(try (row["hash_key"] as String).utf8)
        else { return nil }
        self.key = key
    }

    /// Creates the key with the first card.
    static func ofNewCards(in tx: any Transaction) throws -> CodeHash {
        try tx.run(
            """
            INSERT INTO gift_card_keys (id, hash_key) VALUES (1, \(Base64URL.encode(randomBytes(32))))
            ON CONFLICT (id) DO NOTHING
            """)
        guard let hash = try CodeHash(in: tx) else {
            throw StoreError.schema("gift_card_keys has no valid row.")
        }
        return hash
    }

    /// The hash that is stored.
    func hash(of code: TypedCode) -> String {
        Base64URL.encode(Blake2b.hash(Array(code.letters.utf8), key: key))
    }
}
