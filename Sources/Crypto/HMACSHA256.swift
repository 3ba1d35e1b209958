import CSodium

/// HMAC-SHA256 (RFC 2104, FIPS 180-4).
public enum HMACSHA256 {
    /// The 32 bytes that authenticate `message`; the key may have any length.
    public static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var state = crypto_auth_hmacsha256_state()
        crypto_auth_hmacsha256_init(&state, key, key.count)
        crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        var code = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
        crypto_auth_hmacsha256_final(&state, &code)
        return code
    }

    /// Whether one of `codes` authenticates `message`; the time is the same for all wrong codes of
    /// 32 bytes.
    public static func isAuthentic(anyOf codes: [[UInt8]], of message: [UInt8], key: [UInt8])
        -> Bool
    {
        let expected = authenticate(message, key: key)
        return codes.contains {
            $0.count == expected.count && sodium_memcmp($0, expected, $0.count) == 0
        }
    }
}
