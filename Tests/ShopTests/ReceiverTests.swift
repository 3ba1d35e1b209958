import Crypto
import Foundation
import HTTP
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// Webhooks of a running shop, and receivers that behave badly.
    @Suite struct ReceiverTests {
        /// A shop that may call this machine, and a receiver.
        private struct Setting {
            let shop: RunningShop
            let admin: Visitor
            let folder: Folder
            let port: Int
            private let receiver: Child
            /// The receiver ends when this closes.
            private let leash = Pipe()

            init() throws {
                folder = try Folder()
                guard let python = Programs.installed("python3") else {
                    throw Failure("no python3")
                }
                var streams = Child.Streams()
                streams.inputDescriptor = leash.fileHandleForReading.fileDescriptor
                streams.errors = folder.file("errors")
                receiver = try Child(
                    python, ["\(Programs.top)/Tests/Clients/receiver.py", folder.path], streams)
                let written = folder
                guard eventually(within: 30, { (try? written.text(of: "port")) != nil }),
                    let port = Int(try folder.text(of: "port"))
                else { throw Failure("the receiver did not start") }
                self.port = port
                shop = try RunningShop(knobs: [
                    "SOUK_WEBHOOK_HOSTS": "127.0.0.1", "SOUK_WEBHOOK_RETRY_SECONDS": "1 1 1",
                ])
                let password = "a long enough password"
                let made = try shop.souk(
                    "user", "add", "adil", "--role", "admin", input: "\(password)\n")
                guard made.code == 0 else { throw Failure(made.errors) }
                admin = try shop.visitor("adil", password)
            }

            /// Creates a webhook for the path at the receiver.
            /// - Returns: its number and secret.
            func webhook(
                _ path: String, types: String = #"["product.*"]"#, host: String = "127.0.0.1"
            )
                throws -> (id: Int64, secret: String)
            {
                let body = #"{"url":"http://\#(host):\#(port)/\#(path)","types":\#(types)}"#
                let webhook = try admin.send("POST", "/webhooks", body).expect(201)
                return (try webhook.integer("id"), try webhook.string("secret"))
            }

            /// Creates a product.
            /// - Returns: the subject of its event.
            func product() throws -> String {
                let body = #"{"name":"pen","category":"pens","price":5,"stock":100}"#
                return try "/inventory/"
                    + "\(admin.send("POST", "/inventory", body).expect(201).integer("id"))"
            }

            /// The requests to a path so far.
            func received(_ path: String) -> [Request] {
                let lines = (try? folder.text(of: "received"))?.split(separator: "\n") ?? []
                return lines.compactMap {
                    try? JSONDecoder().decode(Request.self, from: Data($0.utf8))
                }.filter { $0.path == "/\(path)" }
            }
        }

        private struct Request: Decodable {
            let path: String
            let id: String
            let at: Double
            let timestamp: String
            let signature: String
            let body: String

            /// Whether the secret signed it, by the Standard Webhooks specification.
            func isSigned(with secret: String) throws -> Bool {
                let key = try #require(Data(base64Encoded: String(secret.dropFirst(6))))
                let code = HMACSHA256.authenticate(
                    Array("\(id).\(timestamp).\(body)".utf8), key: Array(key))
                return signature.split(separator: " ").contains("v1,\(Base64.encode(code))")
            }
        }

        @Test func goodReceiversAreNotDelayedByBadOnes() throws {
            let setting = try Setting()
            var bad: [String: Int64] = [:]
            for kind in ["fail", "silent", "endless", "redirect"] {
                bad[kind] = try setting.webhook("\(kind)/1").id
            }
            let (_, secret) = try setting.webhook("ok/1")
            _ = try setting.webhook("flaky/1")
            let start = Date().timeIntervalSince1970
            let subjects = try (1...20).map { _ in try setting.product() }
            #expect(eventually(within: 30) { setting.received("ok/1").count >= 20 })
            let good = setting.received("ok/1")
            #expect(good.count == 20)
            #expect(try good.allSatisfy { try $0.isSigned(with: secret) })
            for (request, subject) in zip(good, subjects) {
                #expect(request.body.contains(#""subject":"\#(subject)""#))
            }
            let lastAt = try #require(good.map(\.at).max())
            #expect(lastAt - start < 9, "the silent receiver takes 10 seconds for each message")

            // Each message comes three times with the same id, and not in between successes only.
            #expect(eventually(within: 30) { setting.received("flaky/1").count >= 60 })
            let ids = Dictionary(grouping: setting.received("flaky/1"), by: \.id)
            #expect(ids.count == 20 && ids.values.allSatisfy { $0.count == 3 })
            #expect(setting.received("ok/redirected").isEmpty)

            let failed = try #require(bad["fail"])
            #expect(
                try eventually(within: 30) {
                    let list = try setting.admin.send("GET", "/webhooks/\(failed)/deliveries")
                    let last = try list.expect(200).json["data"]?[0]
                    return last?["state"]?.text == "failed"
                })
            let redirects = try #require(bad["redirect"])
            let list = try setting.admin.send("GET", "/webhooks/\(redirects)/deliveries")
            #expect(
                try list.expect(200).json["data"]?[0]?["attempts"]?[0]?["status"] == .integer(302))
        }

        @Test func aNameOfAPrivateAddressIsNotCalled() throws {
            let setting = try Setting()
            // A public name that resolves to this machine.
            let hosts = try String(contentsOfFile: "/etc/hosts", encoding: .utf8)
            let name = ProcessInfo.processInfo.hostName
            try #require(hosts.contains(name), "this machine's name is in /etc/hosts")
            for host in ["localhost", "127.2", "[::1]", "[::ffff:127.0.0.1]", "0x7f000002"] {
                try setting.admin.send(
                    "POST", "/webhooks",
                    #"{"url":"https://\#(host):\#(setting.port)/ok/private","types":["*"]}"#
                ).expectProblem(422, "invalid_request")
            }
            #expect(setting.received("ok/private").isEmpty)
        }
    }
}
