import COath
import Foundation
import HTTP
public import Values

extension TestShop {
    /// The code that an authenticator app with this secret, in base32, shows so many steps from now.
    public func code(for secret: String, steps: Int64 = 0) throws -> String {
        try TestShop.code(for: secret, at: clock.now.adding(seconds: 30 * steps))
    }

    /// The code that an authenticator app with this secret, in base32, shows at a time.
    public static func code(for secret: String, at now: Instant) throws -> String {
        var bytes: UnsafeMutablePointer<CChar>?
        var count = 0
        guard oath_base32_decode(secret, secret.utf8.count, &bytes, &count) == OATH_OK.rawValue,
            let bytes
        else { throw TestFailure(description: "\(secret) is not base32.") }
        defer { free(bytes) }
        var code = [CChar](repeating: 0, count: 7)
        let seconds = Int(now.milliseconds / 1000)
        guard oath_totp_generate(bytes, count, seconds, 30, 0, 6, &code) == OATH_OK.rawValue else {
            throw TestFailure(description: "There is no code.")
        }
        return code.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    /// Enrols a second factor.
    /// - Returns: the secret in base32, and the recovery codes.
    public func enroll(_ account: String) throws -> (secret: String, recoveryCodes: [String]) {
        let target = "/customers/\(account)/totp"
        let made = try send(
            .post, target, as: account, #"{"current_password":"\#(TestShop.password)"}"#)
        guard case .string(let secret)? = try made.json["secret"] else {
            throw TestFailure(description: made.text)
        }
        let body = #"{"code":"\#(try code(for: secret))"}"#
        let confirmed = try send(.post, "\(target)/confirm", as: account, body)
        let codes = try confirmed.json["recovery_codes"]?.elements.compactMap {
            if case .string(let code) = $0 { code } else { nil }
        }
        guard let codes else { throw TestFailure(description: confirmed.text) }
        return (secret, codes)
    }
}
