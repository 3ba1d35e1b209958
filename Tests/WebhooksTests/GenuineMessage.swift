import CSodium
import Foundation

/// Whether a message is from the shop: the example of docs/events.md.
func isGenuine(
    id: String, timestamp: String, signatures: String, body: [UInt8], secret: String, now: Int
) -> Bool {
    guard let sent = Int(timestamp), abs(now - sent) <= 300,
        let key = Data(base64Encoded: String(secret.dropFirst("whsec_".count)))
    else { return false }
    var state = crypto_auth_hmacsha256_state()
    crypto_auth_hmacsha256_init(&state, Array(key), key.count)
    let signed = Array("\(id).\(timestamp).".utf8) + body
    crypto_auth_hmacsha256_update(&state, signed, UInt64(signed.count))
    var code = [UInt8](repeating: 0, count: 32)
    crypto_auth_hmacsha256_final(&state, &code)
    return signatures.split(separator: " ").contains { signature in
        let parts = signature.split(separator: ",")
        guard parts.count == 2, parts[0] == "v1", let own = Data(base64Encoded: String(parts[1]))
        else { return false }
        return own.count == 32 && sodium_memcmp(Array(own), code, 32) == 0
    }
}
