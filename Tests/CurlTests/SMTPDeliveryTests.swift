import Curl
import Foundation
import ShopFixture
import Testing

@Suite(.enabled(if: PythonServers.mailPython != nil, "aiosmtpd is not installed: make deps"))
struct SMTPDeliveryTests {
    let servers: PythonServers
    static let credentials = SMTPCredentials(user: "shop", password: "pass word ü")
    static let message = "From: a@shop.test\r\nSubject: x\r\n\r\n.dot\r\n..\r\nend\r\n"

    init() throws {
        servers = try PythonServers.shared.get()
    }

    private func delivery(
        _ server: String, to recipient: String, _ credentials: SMTPCredentials? = nil,
        host: String = "mail.test"
    ) throws -> SMTPDelivery {
        let scheme = server == "smtps" ? "smtps" : "smtp"
        let address = "\(scheme)://\(host):\(servers.mailPort(server))"
        return SMTPDelivery(
            to: try #require(SMTPServer(address)), credentials, sender: "shop@shop.test",
            recipient: recipient, message: Array(Self.message.utf8))
    }

    private func send(
        _ server: String, to recipient: String, _ credentials: SMTPCredentials? = nil
    ) throws -> Result<String, TransferFailure> {
        try delivery(server, to: recipient, credentials).send(servers.network)
    }

    static let accepting: [(server: String, credentials: SMTPCredentials?, tls: Bool)] = [
        ("plain", nil, false), ("starttls", nil, true), ("login", credentials, true),
        ("smtps", nil, true),
    ]

    @Test(arguments: accepting) func delivers(
        row: (server: String, credentials: SMTPCredentials?, tls: Bool)
    ) throws {
        let recipient = "for-\(row.server)@home.test"
        let reply = try send(row.server, to: recipient, row.credentials).get()
        #expect(reply.contains("Queued as"))
        let messages = try servers.messages(to: recipient)
        let message = try #require(messages.first)
        #expect(messages.count == 1)
        #expect(message.content == Self.message && message.from == "shop@shop.test")
        #expect(message.tls == row.tls)
        #expect(message.login == row.credentials?.user ?? "")
    }

    static let refusals: [(recipient: String, code: TransferFailure.Code, reply: Int)] = [
        ("unknown", .rejected, 550), ("spam", .rejected, 554), ("grey", .deferred, 451),
        ("full", .deferred, 452), ("busy", .deferred, 421), ("login", .loginDenied, 530),
    ]

    @Test(arguments: refusals) func tellsRefusalsApart(
        row: (recipient: String, code: TransferFailure.Code, reply: Int)
    ) throws {
        let failure = #expect(throws: TransferFailure.self) {
            try send("starttls", to: "\(row.recipient)@home.test").get()
        }
        #expect(failure?.code == row.code && failure?.reply == row.reply)
        #expect(failure?.isPermanent == (row.code == .rejected))
        #expect(failure?.detail.hasPrefix("\(row.reply) ") == true, "\(failure?.detail ?? "")")
    }

    @Test func loginsThatFail() throws {
        let wrong = SMTPCredentials(user: "shop", password: "wrong")
        for credentials in [wrong, nil] {
            let failure = #expect(throws: TransferFailure.self) {
                try send("login", to: "denied@home.test", credentials).get()
            }
            #expect(failure?.code == .loginDenied, "\(failure?.detail ?? "")")
        }
        #expect(try servers.messages(to: "denied@home.test").isEmpty)
    }

    @Test func credentialsRequireTLS() throws {
        for server in ["plain-login", "no-tls"] {
            let failure = #expect(throws: TransferFailure.self) {
                try send(server, to: "clear@home.test", Self.credentials).get()
            }
            #expect(failure?.code == .tlsFailed, "\(failure?.detail ?? "")")
        }
        #expect(try servers.messages(to: "clear@home.test").isEmpty)
    }

    @Test func offeredTLSIsRequired() throws {
        let failure = #expect(throws: TransferFailure.self) {
            try send("no-tls", to: "offered@home.test").get()
        }
        #expect(failure?.code == .tlsFailed && failure?.reply == 454)
        #expect(try servers.messages(to: "offered@home.test").isEmpty)
        // Without credentials, a server on the same machine needs none.
        let local = try delivery("no-tls", to: "local@home.test", host: "127.0.0.1")
        _ = try local.send(servers.network).get()
        #expect(try servers.messages(to: "local@home.test").count == 1)
    }

    @Test func tlsIsVerified() throws {
        for server in ["starttls", "smtps"] {
            let stranger = try delivery(server, to: "tls@home.test", host: "wrong.test")
            let failure = #expect(throws: TransferFailure.self) {
                try stranger.send(servers.network).get()
            }
            #expect(failure?.code == .tlsFailed, "\(failure?.detail ?? "")")
        }
        #expect(try servers.messages(to: "tls@home.test").isEmpty)
    }

    @Test func serversThatDoNotServe() throws {
        let refused = #expect(throws: TransferFailure.self) {
            try send("refusing", to: "a@home.test").get()
        }
        #expect(refused?.code == .deferred && refused?.reply == 554)
        let dropped = #expect(throws: TransferFailure.self) {
            try send("plain", to: "drop@home.test").get()
        }
        #expect(dropped?.code == .connectionLost, "\(dropped?.detail ?? "")")
        let absent = SMTPDelivery(
            to: try #require(SMTPServer("smtp://127.0.0.1:1")), nil, sender: "a@a.test",
            recipient: "b@b.test", message: [])
        let failure = #expect(throws: TransferFailure.self) { try absent.send().get() }
        #expect(failure?.code == .connectionFailed && failure?.reply == nil)
    }

    @Test func slowServersEnd() throws {
        for (server, recipient) in [("silent", "a"), ("plain", "slow")] {
            var delivery = try delivery(server, to: "\(recipient)@home.test")
            delivery.timeoutMs = 400
            let failure = #expect(throws: TransferFailure.self) {
                try delivery.send(servers.network).get()
            }
            #expect(failure?.code == .timeout && (failure?.ms ?? 0) < 3000)
        }
    }

    @Test(arguments: [
        "a@home.test>\r\nRCPT TO:<b@home.test", "a@home.test\r\nDATA", "a b@home.test",
        "<a@home.test>",
        "nobody", "", "a\u{0}@home.test",
    ]) func addressesCannotAddCommands(address: String) throws {
        let failure = #expect(throws: TransferFailure.self) { try send("plain", to: address).get() }
        #expect(failure?.code == .rejected && failure?.reply == nil)
        var delivery = try delivery("plain", to: "good@home.test")
        delivery.sender = address
        #expect(throws: TransferFailure.self) { try delivery.send(servers.network).get() }
        #expect(try servers.messages(to: "good@home.test").isEmpty)
    }

    @Test func credentialsComeFromAFile() throws {
        let folder = try Folder()
        let path = folder.file("smtp")
        func write(_ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
        #expect(throws: CredentialsFault.self) { try SMTPCredentials(file: path) }
        for text in ["shop\npass word ü", "shop\r\npass word ü\r\n", "shop\npass word ü\n"] {
            try write(text)
            #expect(try SMTPCredentials(file: path) == Self.credentials)
        }
        for text in [
            "", "shop", "shop\n\n", "a\nb\nc\n", "a\tb\nc", String(repeating: "a\nb", count: 3000),
        ] {
            try write(text)
            #expect(throws: CredentialsFault.self) { try SMTPCredentials(file: path) }
        }
    }

    @Test func readsServers() {
        #expect(SMTPServer("smtps://mail.example.org:465")?.isImplicitTLS == true)
        #expect(SMTPServer("smtp://[::1]:25")?.isImplicitTLS == false)
        for text in [
            "", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://a/b",
            "smtp://user:pass@mail.example.org", "smtp://a?b", "smtp://a#b", "file:/tmp",
        ] {
            #expect(SMTPServer(text) == nil, "\(text)")
        }
    }
}
