/// The hosts that webhooks may reach at any address, also without TLS (`SOUK_WEBHOOK_HOSTS`).
public struct AllowedHosts: Sendable, Equatable {
    /// The hosts as written.
    public let text: String
    private let hosts: [Host]

    private struct Host: Sendable, Equatable {
        let name: String
        /// Nil for all ports.
        let port: Int?
    }

    /// None.
    public static let none = AllowedHosts(text: "", hosts: [])

    private init(text: String, hosts: [Host]) {
        self.text = text
        self.hosts = hosts
    }

    /// Reads hosts with or without a port, separated by spaces; IPv6 addresses are in brackets.
    ///
    /// - Returns: nil if one of them is no host.
    public init?(_ text: String) {
        var hosts: [Host] = []
        for entry in text.utf8.split(separator: UInt8(ascii: " ")) {
            // Two schemes, because libcurl does not say whether the URL had the default port.
            guard let plain = ParsedURL("http://\(Substring(entry))"),
                let secure = ParsedURL("https://\(Substring(entry))"),
                plain.path == "/", !plain.hasQuery, !plain.hasFragment, !plain.hasUser,
                !entry.contains(UInt8(ascii: "/"))
            else { return nil }
            let port = plain.port == secure.port ? plain.port : nil
            hosts.append(Host(name: plain.host, port: port))
        }
        self.init(text: text, hosts: hosts)
    }

    /// Whether the host may be reached at this port.
    func contains(_ host: String, port: Int) -> Bool {
        hosts.contains { $0.name == host && ($0.port ?? port) == port }
    }
}
