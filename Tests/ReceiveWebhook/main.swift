import CSodium
import Foundation

struct Event: Decodable { let id, type, subject: String }

func isGenuine(_ body: [UInt8], _ fields: [String: String]) -> Bool {
    guard let id = fields["HTTP_WEBHOOK_ID"], let time = fields["HTTP_WEBHOOK_TIMESTAMP"],
        let signatures = fields["HTTP_WEBHOOK_SIGNATURE"], let secret = fields["WEBHOOK_SECRET"],
        let sent = Int(time), abs(Int(Date().timeIntervalSince1970) - sent) <= 300,
        let key = Data(base64Encoded: String(secret.dropFirst("whsec_".count)))
    else { return false }
    var state = crypto_auth_hmacsha256_state()
    crypto_auth_hmacsha256_init(&state, Array(key), key.count)
    let signed = Array("\(id).\(time).".utf8) + body
    crypto_auth_hmacsha256_update(&state, signed, UInt64(signed.count))
    var code = [UInt8](repeating: 0, count: 32)
    crypto_auth_hmacsha256_final(&state, &code)
    let expected = Array("v1,\(Data(code).base64EncodedString())".utf8)
    return signatures.split(separator: " ").map { Array($0.utf8) }.contains {
        $0.count == expected.count && sodium_memcmp($0, expected, expected.count) == 0
    }
}

let fields = ProcessInfo.processInfo.environment
let length = Int(fields["CONTENT_LENGTH"] ?? "") ?? 0
let body = FileHandle.standardInput.readData(ofLength: length)
if isGenuine(Array(body), fields), let event = try? JSONDecoder().decode(Event.self, from: body) {
    let line = "\(event.id) \(event.type) \(event.subject)\n"
    FileHandle.standardError.write(Data(line.utf8))
    print("Status: 204 No Content\n")
} else {
    print("Status: 401 Unauthorized\n")
}
