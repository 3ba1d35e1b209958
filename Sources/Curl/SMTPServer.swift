import Glibc

/// The address of a mail server, from `SOUK_SMTP_URL`.
public struct SMTPServer: Sendable, Equatable {
    /// The URL as given.
    public let text: String
    /// Whether TLS begins with the connection (`smtps://`), not with STARTTLS.
    public let isImplicitTLS: Bool
    /// Whether the server runs on this machine.
    let isLocal: Bool

    /// Reads `smtp://HOST[:PORT]` or `smtps://HOST[:PORT]`; the default ports are 25 and 465.
    public init?(_ text: String) {
        guard let url = ParsedURL(text), ["smtp", "smtps"].contains(url.scheme), !url.hasUser,
            !url.hasQuery, !url.hasFragment, url.path == "/"
        else { return nil }
        self.text = text
        isImplicitTLS = url.scheme == "smtps"
        isLocal = ["localhost", "127.0.0.1", "::1"].contains(url.host)
    }
}

/// The name and password for a mail server.
public struct SMTPCredentials: Sendable, Equatable {
    /// The user name.
    public let user: String
    /// The password.
    public let password: String

    /// Credentials.
    public init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    /// Reads a file with the user name on the first line and the password on the second.
    ///
    /// - Throws: `CredentialsFault` with a sentence for the operator.
    public init(file: String) throws(CredentialsFault) {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CredentialsFault("\(file): \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4097)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else {
            throw CredentialsFault("\(file): \(String(cString: strerror(errno))).")
        }
        let lines = bytes[..<count].split(separator: UInt8(ascii: "\n"))
            .map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
        guard count <= 4096, lines.count == 2, !lines.joined().contains(where: { $0 < 0x20 }),
            let user = String(validating: lines[0], as: UTF8.self),
            let password = String(validating: lines[1], as: UTF8.self)
        else {
            throw CredentialsFault("\(file): must have two lines, the user name and the password.")
        }
        self.init(user: user, password: password)
    }
}

/// Why credentials cannot be read.
public struct CredentialsFault: Error, CustomStringConvertible, Sendable {
    /// A sentence that names the file.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
