import Crypto
import Values

/// The field `Stripe-Signature` (https://docs.stripe.com/webhooks#verify-manually).
struct StripeSignature: Sendable {
    /// The longest accepted field in bytes.
    static let bytesMax = 4096
    /// The largest difference between the clocks in seconds.
    static let toleranceSeconds: Int64 = 300

    private let time: Int64
    private let codes: [[UInt8]]

    /// Reads `t` and each `v1`; nil if one of them is missing or malformed.
    init?(_ field: String) {
        guard field.utf8.count <= StripeSignature.bytesMax else { return nil }
        var times: [Int64] = []
        var codes: [[UInt8]] = []
        for part in field.utf8.split(separator: UInt8(ascii: ",")) {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let value = Substring(part[part.index(after: equals)...])
            switch String(Substring(part[..<equals])) {
            case "t":
                guard let time = Int64(value), "\(time)" == value, time >= 0 else { return nil }
                times.append(time)
            case "v1": if let code = Array(hexadecimal: value) { codes.append(code) }
            default: continue
            }
        }
        guard times.count == 1, !codes.isEmpty else { return nil }
        (time, self.codes) = (times[0], codes)
    }

    /// Whether one of the secrets has signed `body` at about `now`.
    func isValid(for body: [UInt8], _ secrets: [String], at now: Instant) -> Bool {
        let difference = now.milliseconds / 1000 - time
        guard difference.magnitude <= StripeSignature.toleranceSeconds.magnitude else {
            return false
        }
        let message = Array("\(time).".utf8) + body
        // A field has room for a thousand codes, so the message is read once for each secret.
        return secrets.contains {
            HMACSHA256.isAuthentic(anyOf: codes, of: message, key: Array($0.utf8))
        }
    }
}

extension [UInt8] {
    /// The bytes that lower-case or upper-case hexadecimal digits spell; nil for another text.
    fileprivate init?(hexadecimal text: Substring) {
        let digits = Swift.Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard
                let byte = UInt8(
                    String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16)
            else { return nil }
            append(byte)
        }
    }
}
