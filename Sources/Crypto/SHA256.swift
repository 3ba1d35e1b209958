import CSodium

/// The hash function SHA-256 (FIPS 180-4).
public enum SHA256 {
    /// The 32 bytes that identify `input`.
    public static func hash(_ input: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&hash, input, UInt64(input.count))
        return hash
    }
}
