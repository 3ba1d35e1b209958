import Foundation
import ShopFixture
import TestShop
import Testing

extension ShopTests {
    /// A mail server that is down, and then refuses each message once.
    @Suite struct MailServerTests {
        private static let python = Programs.tool("aiosmtpd", "python3")

        /// The longest address (RFC 5321 §4.5.3.1).
        private static let address =
            String(repeating: "z", count: 64) + "@" + String(repeating: "a", count: 60) + "."
            + String(repeating: "b", count: 60) + "." + String(repeating: "c", count: 55)
            + ".example.com"

        private let shop: RunningShop
        private let folder: Folder
        private let port: UInt16

        init() throws {
            folder = try Folder()
            port = try freePort()
            // A proxy of the environment, which does not answer, is used neither by the courier nor at the start.
            shop = try RunningShop(knobs: [
                "SOUK_SMTP_URL": "smtp://127.0.0.1:\(port)", "http_proxy": "http://127.0.0.1:9",
                "ALL_PROXY": "http://127.0.0.1:9",
            ])
        }

        /// The columns of `souk jobs list` for the only job.
        private func job() throws -> [String] {
            let lines = try shop.souk("jobs", "list").output.split(separator: "\n")
            guard lines.count == 1 else { throw Failure("\(lines)") }
            return lines[0].split(separator: "\t", omittingEmptySubsequences: false).map {
                String($0)
            }
        }

        /// Waits until the job has been attempted so often.
        private func error(ofAttempt number: Int) throws -> String {
            var columns: [String] = []
            let isThere = try eventually(within: 30) {
                columns = try job()
                return columns[1] == "pending" && columns[4] == "\(number)"
            }
            guard isThere else { throw Failure("\(columns)") }
            return columns[6]
        }

        @Test(.enabled(if: python != nil, "aiosmtpd is not installed (make deps)"))
        func messagesAreRepeatedUntilTheServerTakesThem() throws {
            let account =
                #"{"username":"zoe","password":"a long enough password","full_name":"Zoe","#
                + #""email":"\#(Self.address)"}"#
            try shop.visitor().send("POST", "/customers", account).expect(201)
            #expect(try error(ofAttempt: 1).hasPrefix("connection_failed"))

            var streams = Child.Streams()
            let leash = Pipe()
            streams.inputDescriptor = leash.fileHandleForReading.fileDescriptor
            streams.errors = folder.file("errors")
            let python = try #require(Self.python)
            let server = try Child(
                python, ["\(Programs.top)/Tests/Clients/greylist.py", "\(port)", folder.path],
                streams)
            defer { server.signal(SIGKILL) }
            let port = port
            #expect(eventually(within: 30) { (try? HTTPConnection(port: port)) != nil })

            // The next attempts are due in minutes; an operator need not wait.
            let number = try job()[0]
            #expect(try shop.souk("jobs", "retry", number).code == 0)
            #expect(try error(ofAttempt: 1).contains("451 4.7.1 Greylisted"))
            #expect(try shop.souk("jobs", "retry", number).code == 0)
            #expect(try eventually(within: 30) { try shop.souk("jobs", "list").output == "" })
            let seen = try folder.text(of: "seen").split(separator: "\n")
            let ids = Set(seen.map { $0.dropFirst(4) })
            #expect(seen.map { $0.prefix(3) } == ["451", "250"])
            // The same Message-ID, so that a mail program can recognise a repetition.
            #expect(ids.count == 1 && ids.first?.hasPrefix("<souk-\(number)-") == true)
            // The address is the same in the envelope and in the header.
            #expect(ids.first?.hasSuffix("> \(Self.address) <\(Self.address)>") == true)
        }
    }
}
