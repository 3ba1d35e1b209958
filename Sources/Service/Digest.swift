import CSodium

/// BLAKE2b of 128 bits (RFC 7693), keyed where the input may hold a secret.
enum Digest {
    static func bytes(of input: [UInt8], key: [UInt8] = []) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: 16)
        crypto_generichash(&hash, hash.count, input, UInt64(input.count), key, key.count)
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

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
