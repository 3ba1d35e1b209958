import CSodium

/// The hash function BLAKE2b (RFC 7693), optionally keyed.
///
/// Use a key if the input may be a secret.
public enum Blake2b {
    /// A hash of `count` bytes, 16 to 64.
    ///
    /// `key` may have any length. A key longer than 64 bytes is hashed first.
    public static func hash(_ input: [UInt8], key: [UInt8] = [], count: Int = 32) -> [UInt8] {
        let key = key.count <= 64 ? key : hash(key, count: 64)
        var hash = [UInt8](repeating: 0, count: count)
        crypto_generichash(&hash, count, input, UInt64(input.count), key, key.count)
        return hash
    }
}
