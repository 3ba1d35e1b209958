import CSodium

/// BLAKE2b (RFC 7693), keyed where the input may hold a secret.
enum Digest {
    /// `count` bytes, 16 to 64.
    ///
    /// Of a key that is longer than 64 bytes its digest is used.
    static func bytes(of input: [UInt8], key: [UInt8] = [], count: Int = 16) -> [UInt8] {
        let key = key.count <= 64 ? key : bytes(of: key, count: 64)
        var hash = [UInt8](repeating: 0, count: count)
        crypto_generichash(&hash, count, input, UInt64(input.count), key, key.count)
        return hash
    }

    /// 32 hexadecimal digits.
    static func hexadecimal(of input: [UInt8], key: [UInt8] = []) -> String {
        let hash = bytes(of: input, key: key)
        return String(unsafeUninitializedCapacity: 32) { text in
            for (index, byte) in hash.enumerated() {
                text[2 * index] = digit(byte >> 4)
                text[2 * index + 1] = digit(byte & 15)
            }
            return 32
        }
    }

    /// The name under which a key is known: 16 digits, from which nothing of it can be told.
    static func keyID(of key: [UInt8]) -> String {
        String(hexadecimal(of: Array("key id".utf8), key: key).prefix(16))
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
