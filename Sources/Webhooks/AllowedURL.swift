import Glibc
import HTTP
import Service

/// Rejects an address that a webhook may not have.
///
/// It knows the addresses that a URL spells. The courier checks those that a name has when it
/// connects.
/// - Throws: `Problem` 422 `invalid_request`.
func requireAllowedURL(_ url: String, of shop: Shop) throws {
    guard let fault = WebhookURL.fault(of: url, allowing: shop.webhookHosts) else { return }
    throw Problem.invalid([.init(field: "url", message: fault)])
}

/// The parts of a URL that decide whether it is allowed.
private struct WebhookURL {
    let isSecure: Bool
    /// In lower case, without brackets.
    let host: String
    let port: Int?

    /// The reason why `url` is not allowed, or nil.
    static func fault(of url: String, allowing hosts: [String]) -> String? {
        guard let parts = WebhookURL(url) else {
            return "must be an https URL without user, password and fragment"
        }
        let port = parts.port ?? (parts.isSecure ? 443 : 80)
        if hosts.contains(parts.host) || hosts.contains("\(parts.host):\(port)") { return nil }
        if !parts.isSecure { return "must be an https URL" }
        return parts.isPublic ? nil : "must have a public host"
    }

    /// Nil if the URL is not http or https, or has parts that a webhook may not have.
    init?(_ url: String) {
        guard let start = url.firstRange(of: "://"), !url.contains("#") else { return nil }
        let scheme = url[..<start.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { return nil }
        let authority = url[start.upperBound...].prefix { !"/?\\".contains($0) }.lowercased()
        let isBracketed = authority.hasPrefix("[")
        let host =
            isBracketed
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        var rest = authority.dropFirst(host.count + (isBracketed ? 2 : 0))
        isSecure = scheme == "https"
        self.host = String(host)
        if rest.isEmpty {
            port = nil
        } else {
            guard rest.popFirst() == ":", let number = UInt16(rest), number > 0 else { return nil }
            port = Int(number)
        }
        let allowed: (Character) -> Bool = {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0))
        }
        guard !host.isEmpty, isBracketed ? isIPv6 : host.allSatisfy(allowed) else { return nil }
    }

    private var isIPv6: Bool { ipv6 != nil }

    private var ipv6: [UInt8]? {
        var address = in6_addr()
        guard inet_pton(AF_INET6, host, &address) == 1 else { return nil }
        return withUnsafeBytes(of: &address) { Array($0) }
    }

    private var ipv4: [UInt8]? {
        var address = in_addr()
        guard inet_pton(AF_INET, host, &address) == 1 else { return nil }
        return withUnsafeBytes(of: &address) { Array($0) }
    }

    private var isPublic: Bool {
        if let ipv6 { return ipv6[0] & 0xE0 == 0x20 && !ipv6.starts(with: [0x20, 0x02]) }
        if let ipv4 { return WebhookURL.isPublic(ipv4) }
        let labels = host.split(separator: ".")
        // A last label of digits is a number in another spelling, such as 127.1 or 2130706433.
        guard let last = labels.last, last.first?.isNumber == false else { return false }
        return labels.count > 1 && last != "localhost" && last != "local" && last != "internal"
    }

    /// Whether an IPv4 address is none of the special ones (RFC 6890).
    private static func isPublic(_ address: [UInt8]) -> Bool {
        switch (address[0], address[1]) {
        case (0, _), (10, _), (127, _), (224..., _): false
        case (100, 64...127), (169, 254), (172, 16...31), (192, 168), (198, 18...19): false
        case (192, 0): address[2] != 0 && address[2] != 2
        case (198, 51): address[2] != 100
        case (203, 0): address[2] != 113
        default: true
        }
    }
}
