import Curl
import Foundation
import ShopFixture

/// Servers in Python, with a certificate authority of their own, for the whole run of the tests.
///
/// They end with this process, because their standard input then ends.
final class PythonServers: Sendable {
    static let shared = Result { try PythonServers() }

    let folder: Folder
    private let web: Child
    private let webPorts: [String: Int]
    private let mail: Child?
    private let mailPorts: [String: Int]

    private init() throws {
        setenv("all_proxy", "http://127.0.0.1:1", 1)
        let folder = try Folder()
        self.folder = folder
        try PythonServers.makeCertificates(in: folder)
        guard let python = Programs.installed("python3") else { throw Failure("no python3") }
        web = try PythonServers.start(python, "web.py", in: folder)
        webPorts = try PythonServers.ports("web.json", in: folder)
        mail = try PythonServers.mailPython.map {
            try PythonServers.start($0, "mail.py", in: folder)
        }
        mailPorts = try mail == nil ? [:] : PythonServers.ports("mail.json", in: folder)
    }

    /// The Python that has aiosmtpd, or nil if `make deps` could not fetch it.
    static let mailPython = Programs.tool("aiosmtpd", "python3")

    private static func start(_ python: String, _ script: String, in folder: Folder) throws -> Child
    {
        var ends: [Int32] = [0, 0]
        // The end to write to stays open until this process ends.
        guard pipe(&ends) == 0 else { throw Failure("pipe: \(errno)") }
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        defer { close(ends[0]) }
        var streams = Child.Streams()
        streams.inputDescriptor = ends[0]
        streams.output = folder.file("\(script).log")
        let path = "\(Programs.top)/Tests/CurlTests/servers/\(script)"
        return try Child(python, [path, folder.path], streams)
    }

    private static func ports(_ file: String, in folder: Folder) throws -> [String: Int] {
        guard eventually(within: 20, { (try? folder.text(of: file)) != nil }) else {
            let logs = ["web.py.log", "mail.py.log"].compactMap { try? folder.text(of: $0) }
            throw Failure("the servers did not start: \(logs)")
        }
        return try JSONDecoder().decode([String: Int].self, from: Data(folder.text(of: file).utf8))
    }

    /// `ca.pem`, and `server.pem` with the key and certificate of hook.test, mail.test and ::1.
    private static func makeCertificates(in folder: Folder) throws {
        guard let openssl = Programs.installed("openssl") else { throw Failure("no openssl") }
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]
        let authority = [
            "req", "-x509", "-days", "2", "-subj", "/CN=Test CA", "-keyout", folder.file("ca.key"),
            "-out", folder.file("ca.pem"),
        ]
        let server = [
            "req", "-x509", "-days", "2", "-subj", "/CN=hook.test", "-CA", folder.file("ca.pem"),
            "-CAkey", folder.file("ca.key"), "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "subjectAltName=DNS:hook.test,DNS:mail.test,IP:::1",
            "-keyout", folder.file("server.key"), "-out", folder.file("server.crt"),
        ]
        for command in [authority, server] {
            let outcome = try run(openssl, command + curve)
            guard outcome.code == 0 else { throw Failure(outcome.errors) }
        }
        let pem = try folder.text(of: "server.key") + folder.text(of: "server.crt")
        try Data(pem.utf8).write(to: URL(fileURLWithPath: folder.file("server.pem")))
    }

    /// The port of a web server: https, http or ipv6.
    func webPort(_ name: String) -> Int { webPorts[name] ?? 0 }

    /// The port of a mail server.
    func mailPort(_ name: String) -> Int { mailPorts[name] ?? 0 }

    /// Trusts the servers' authority, and resolves hook.test and mail.test to this machine.
    var network: NetworkOverrides {
        let ports = Set(webPorts.values).union(mailPorts.values).sorted()
        let names = ["hook.test", "mail.test", "wrong.test"]
        return NetworkOverrides(
            caFile: folder.file("ca.pem"),
            resolve: names.flatMap { name in ports.map { "\(name):\($0):127.0.0.1" } })
    }

    /// The messages that a mail server has accepted for a recipient.
    func messages(to recipient: String) throws -> [ReceivedMessage] {
        let messages = folder.file("messages")
        let files = try FileManager.default.contentsOfDirectory(atPath: messages)
        return try files.filter { $0.hasSuffix(".json") }.map {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(messages)/\($0)"))
            return try JSONDecoder().decode(ReceivedMessage.self, from: data)
        }.filter { $0.to == [recipient] }
    }
}

/// A message as a mail server got it.
struct ReceivedMessage: Decodable {
    let from: String
    let to: [String]
    let tls: Bool
    let login: String
    let content: String
}
