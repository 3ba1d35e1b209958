import CSodium
import Foundation
import HTTP

/// A JSON Web Token (RFC 7519), created without the library under test.
struct ForgedToken {
    var header = #"{"alg":"HS256","typ":"JWT"}"#
    var claims: String
    var key: [UInt8]
    /// Whether the signature uses SHA-512, independently of the header.
    var isHS512 = false

    /// In the compact form of RFC 7515 section 3.1.
    var text: String {
        let signed = "\(encoded(Array(header.utf8))).\(encoded(Array(claims.utf8)))"
        return
            "\(signed).\(encoded(isHS512 ? sha512(Array(signed.utf8)) : sha256(Array(signed.utf8))))"
    }

    private func sha256(_ text: [UInt8]) -> [UInt8] {
        var state = crypto_auth_hmacsha256_state()
        var mac = [UInt8](repeating: 0, count: 32)
        crypto_auth_hmacsha256_init(&state, key, key.count)
        crypto_auth_hmacsha256_update(&state, text, UInt64(text.count))
        crypto_auth_hmacsha256_final(&state, &mac)
        return mac
    }

    private func sha512(_ text: [UInt8]) -> [UInt8] {
        var state = crypto_auth_hmacsha512_state()
        var mac = [UInt8](repeating: 0, count: 64)
        crypto_auth_hmacsha512_init(&state, key, key.count)
        crypto_auth_hmacsha512_update(&state, text, UInt64(text.count))
        crypto_auth_hmacsha512_final(&state, &mac)
        return mac
    }

    private func encoded(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
