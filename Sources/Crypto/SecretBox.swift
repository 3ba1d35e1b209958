import CSodium

/// Authenticated encryption with XSalsa20 and Poly1305 (crypto_secretbox of NaCl).
public enum SecretBox {
    private static let nonceCount = Int(crypto_secretbox_NONCEBYTES)
    private static let codeCount = Int(crypto_secretbox_MACBYTES)

    /// A random nonce and the encrypted bytes; `key` has 32 bytes.
    public static func seal(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        precondition(key.count == Int(crypto_secretbox_KEYBYTES), "a key has 32 bytes")
        let nonce = randomBytes(nonceCount)
        var box = [UInt8](repeating: 0, count: codeCount + bytes.count)
        crypto_secretbox_easy(&box, bytes, UInt64(bytes.count), nonce, key)
        return nonce + box
    }

    /// The bytes that `seal` encrypted with this key, or nil if it was another key or they changed.
    public static func open(_ sealed: [UInt8], key: [UInt8]) -> [UInt8]? {
        guard key.count == Int(crypto_secretbox_KEYBYTES), sealed.count >= nonceCount + codeCount
        else { return nil }
        let nonce = Array(sealed.prefix(nonceCount))
        let box = Array(sealed.dropFirst(nonceCount))
        var bytes = [UInt8](repeating: 0, count: box.count - codeCount)
        let code = crypto_secretbox_open_easy(&bytes, box, UInt64(box.count), nonce, key)
        return code == 0 ? bytes : nil
    }
}
