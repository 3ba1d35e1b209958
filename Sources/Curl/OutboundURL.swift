/// An HTTP or HTTPS URL that Souk may send requests to.
public struct OutboundURL: Sendable, Equatable {
    /// The URL as given.
    public let text: String
    /// In lower case; an IPv6 address has no brackets.
    public let host: String
    /// The one of the scheme if the URL has none.
    public let port: Int
    /// Whether the connection may go to any address, not only to public ones.
    let reachesAnyAddress: Bool

    /// The longest URL in bytes.
    public static let maxBytes = 2000

    /// Why a URL is refused; the message follows the name of its field.
    public enum Fault: Error, Equatable, Sendable {
        /// It is not an absolute `https` URL in printable ASCII.
        case notHTTPS
        /// It is longer than `maxBytes`.
        case tooLong
        /// It contains a user name or a password.
        case hasUser
        /// It contains a fragment, which HTTP does not send.
        case hasFragment
        /// Its host is an address of a private network or of this machine.
        case addressNotAllowed

        /// What the URL must be: "must be …" or "must not …".
        public var message: String {
            switch self {
            case .notHTTPS: "must be an absolute https URL in ASCII"
            case .tooLong: "must have at most \(OutboundURL.maxBytes) bytes"
            case .hasUser: "must not contain a user name or password"
            case .hasFragment: "must not contain a fragment"
            case .addressNotAllowed: "must not name a private, local or reserved address"
            }
        }
    }

    /// Checks a URL that an API caller chose, without network access.
    ///
    /// It must be https, and its host no literal address that is not public. Hosts in `allowed` may be
    /// anything. A name is checked at each connection, when its addresses are known.
    public init(_ text: String, allowing allowed: AllowedHosts) throws(Fault) {
        guard text.utf8.count <= OutboundURL.maxBytes else { throw .tooLong }
        guard let url = ParsedURL(text), ["http", "https"].contains(url.scheme) else {
            throw .notHTTPS
        }
        if url.hasUser { throw .hasUser }
        if url.hasFragment { throw .hasFragment }
        reachesAnyAddress = allowed.contains(url.host, port: url.port)
        if !reachesAnyAddress {
            guard url.scheme == "https" else { throw .notHTTPS }
            guard OutboundURL.mayBePublic(url.host) else { throw .addressNotAllowed }
        }
        self.text = text
        host = url.host
        port = url.port
    }

    /// Reads a URL from the settings: http or https, at any address.
    public init?(trusted text: String) {
        guard text.utf8.count <= OutboundURL.maxBytes, let url = ParsedURL(text),
            ["http", "https"].contains(url.scheme), !url.hasUser, !url.hasFragment
        else { return nil }
        self.text = text
        host = url.host
        port = url.port
        reachesAnyAddress = true
    }

    /// The last labels of names that only a private network knows (RFC 6761, RFC 6762, and the
    /// reservation of .internal by ICANN).
    private static let localSuffixes = ["localhost", "local", "internal"]

    /// Whether a host is a public address or a name that could have one.
    private static func mayBePublic(_ host: String) -> Bool {
        if let address = IPAddress(host) { return address.isPublic }
        let labels = host.utf8.split(separator: UInt8(ascii: "."))
        guard let last = labels.last else { return false }
        // The name of an address in a spelling that libcurl leaves to the resolver.
        let isNumber = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last.first ?? 0)
        let isLocal = localSuffixes.contains { last.elementsEqual($0.utf8) }
        return labels.count > 1 && !isNumber && !isLocal
    }
}
