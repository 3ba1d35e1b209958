import Courier
import Crypto
import Foundation
import ShopFixture
import TestShop
import Values

@testable import Payments

/// An imitation of Stripe: a server in Python, which knows nothing of Souk.
final class StripeStandIn: Sendable {
    private let folder: Folder
    private let server: Child
    let url: String

    /// Starts a server, which ends with this object.
    init() throws {
        folder = try Folder()
        guard let python = Programs.installed("python3") else { throw Failure("no python3") }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure("pipe: \(errno)") }
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        defer { close(ends[0]) }
        var streams = Child.Streams()
        streams.inputDescriptor = ends[0]
        streams.output = folder.file("stripe.py.log")
        let script = "\(Programs.top)/Tests/PaymentsTests/servers/stripe.py"
        server = try Child(python, [script, folder.path], streams)
        writeEnd = ends[1]
        let folder = folder
        guard eventually(within: 20, { (try? folder.text(of: "stripe.json")) != nil }) else {
            throw Failure("no imitation: \((try? folder.text(of: "stripe.py.log")) ?? "")")
        }
        let ports = try JSONDecoder().decode(
            [String: Int].self, from: Data(folder.text(of: "stripe.json").utf8))
        url = "http://127.0.0.1:\(ports["port"] ?? 0)"
    }

    /// The server ends when its standard input does.
    private let writeEnd: Int32

    deinit { close(writeEnd) }

    /// Sends a request as the courier does, with a timeout for tests.
    static let send: Sender = { callProvider($0, timeoutMs: 2000) }

    /// Calls a path of the tests.
    private func order(_ path: String, _ body: String) throws -> [UInt8] {
        let answer = StripeStandIn.send(
            ProviderRequest(url: url + path, fields: [], body: Array(body.utf8)))
        guard answer.status == 200 else { throw TestFailure(description: "\(path): \(answer)") }
        return answer.body
    }

    /// How the next calls fail: a status, `"drop"`, `"hang"`, `"late"` or `"failed"`; null lets one
    /// succeed.
    ///
    /// The middle three have carried the call out. A late answer comes after the timeout. `"failed"`
    /// is the status of the refund that the call makes.
    func fail(next failures: String) throws { _ = try order("/_next", "[\(failures)]") }

    /// Pays a session, with members such as `"amount":1`; the answer is the message about it.
    func pay(_ session: String, _ members: String = "") throws -> [UInt8] {
        try order("/_pay", #"{"session":"\#(session)"\#(members.isEmpty ? "" : ",")\#(members)}"#)
    }

    /// Makes a message of another type.
    func event(_ type: String, _ members: String) throws -> [UInt8] {
        try order("/_event", #"{"type":"\#(type)",\#(members)}"#)
    }

    /// Forgets the idempotency keys, as Stripe may do after 24 hours.
    func forgetKeys() throws { _ = try order("/_forget", "{}") }

    /// A session as Stripe shows it.
    func session(_ id: String) throws -> JSON {
        let answer = StripeStandIn.send(
            ProviderRequest(url: "\(url)/_sessions/\(id)", fields: [], body: nil))
        return try JSON(parsing: answer.body)
    }

    /// How many sessions and refunds exist.
    func counts() throws -> JSON {
        let answer = StripeStandIn.send(
            ProviderRequest(url: url + "/_counts", fields: [], body: nil))
        return try JSON(parsing: answer.body)
    }
}

/// The field `Stripe-Signature` for a message.
func stripeSignature(of body: [UInt8], by secret: String, at seconds: Int64) -> String {
    let message = Array("\(seconds).".utf8) + body
    let code = HMACSHA256.authenticate(message, key: Array(secret.utf8))
    return "t=\(seconds),v1=\(code.hexadecimal)"
}
