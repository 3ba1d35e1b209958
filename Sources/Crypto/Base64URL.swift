import CSodium

/// base64url without padding (RFC 4648 section 5).
public enum Base64URL {
    /// The text for `bytes`.
    public static func encode(_ bytes: [UInt8]) -> String {
        let variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
        sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
        return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    /// The bytes that `text` encodes, or nil if it is not base64url.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let digits = text.map { CChar(bitPattern: $0) }
        var bytes = [UInt8](repeating: 0, count: digits.count)
        var count = 0
        let code = sodium_base642bin(
            &bytes, bytes.count, digits, digits.count, nil, &count, nil,
            sodium_base64_VARIANT_URLSAFE_NO_PADDING)
        return code == 0 ? Array(bytes.prefix(count)) : nil
    }
}
