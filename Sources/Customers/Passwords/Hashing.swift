import CSodium

/// BLAKE2b of 256 bits (RFC 7693), keyed if `key` holds anything.
func blake2b(_ input: [UInt8], key: [UInt8] = []) -> [UInt8] {
    var hash = [UInt8](repeating: 0, count: 32)
    crypto_generichash(&hash, hash.count, input, UInt64(input.count), key, key.count)
    return hash
}

/// base64url without padding (RFC 4648 §5).
func base64(_ bytes: [UInt8]) -> String {
    let variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING
    var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
    sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
    return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
}
