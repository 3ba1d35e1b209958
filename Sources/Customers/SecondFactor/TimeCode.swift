import COath
import Crypto
import Glibc
import Values

/// Time-based one-time passwords (RFC 6238), as every authenticator app computes them: HMAC-SHA-1,
/// 6 digits, a new code every 30 seconds.
enum TimeCode {
    /// How long a code is shown, in seconds.
    static let stepSeconds: Int64 = 30
    /// Codes of so many steps before and after the present one are accepted (RFC 6238 §5.2).
    private static let window = 1
    /// The length of a secret in bytes, that of a SHA-1 hash (RFC 4226 §4).
    static let secretCount = 20

    /// Initialises liboath once.
    private static let isReady = oath_init() == OATH_OK.rawValue

    /// A new secret.
    static func randomSecret() -> [UInt8] { randomBytes(secretCount) }

    /// The step in which `secret` has this code, or nil.
    static func step(of code: String, secret: [UInt8], at now: Instant) -> Int64? {
        guard isReady else { return nil }
        var counter: UInt64 = 0
        var position: Int32 = 0
        let result = secret.withUnsafeBytes { bytes in
            oath_totp_validate3(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
                time_t(now.milliseconds / 1000), UInt32(stepSeconds), 0, window, &position,
                &counter, code)
        }
        return result >= 0 ? Int64(counter) : nil
    }

    /// The secret in base32 (RFC 4648 §6), which people can type.
    static func text(of secret: [UInt8]) -> String {
        var text: UnsafeMutablePointer<CChar>?
        var count = 0
        let result = secret.withUnsafeBytes { bytes in
            oath_base32_encode(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, &text, &count)
        }
        guard result == OATH_OK.rawValue, let text else { return "" }
        defer { free(text) }
        return String(cString: text)
    }
}
