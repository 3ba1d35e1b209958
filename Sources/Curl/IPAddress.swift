import Glibc

/// An IPv4 or IPv6 address.
struct IPAddress: Equatable {
    /// 4 or 16 bytes in network order.
    let bytes: [UInt8]

    /// Reads the usual notation, such as `192.0.2.1` or `2001:db8::1`, without a zone.
    init?(_ text: String) {
        var v6 = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET6, text, &v6) == 1 {
            bytes = v6
            return
        }
        var v4 = [UInt8](repeating: 0, count: 4)
        guard inet_pton(AF_INET, text, &v4) == 1 else { return nil }
        bytes = v4
    }

    /// Reads a socket address of `count` bytes (sockaddr_in, sockaddr_in6).
    init?(socketAddress: UnsafeRawPointer, family: Int32, count: Int) {
        let field: (offset: Int, size: Int)
        switch family {
        case AF_INET: field = (MemoryLayout<sockaddr_in>.offset(of: \.sin_addr) ?? 4, 4)
        case AF_INET6: field = (MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 8, 16)
        default: return nil
        }
        guard count >= field.offset + field.size else { return nil }
        bytes = Array(
            UnsafeRawBufferPointer(start: socketAddress + field.offset, count: field.size))
    }

    private init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// Whether it is a unicast address of the public Internet, by IANA's special-purpose registries.
    ///
    /// NAT64 (RFC 6052) and 6to4 (RFC 3056) reach an IPv4 address, which decides.
    var isPublic: Bool {
        if bytes.count == 4 { return !IPAddress.specialV4.contains { $0.contains(self) } }
        if IPAddress.nat64.contains(self) { return IPAddress(bytes: bytes.suffix(4)).isPublic }
        if IPAddress.sixToFour.contains(self) { return IPAddress(bytes: bytes[2..<6]).isPublic }
        return IPAddress.globalV6.contains(self)
            && !IPAddress.specialV6.contains { $0.contains(self) }
    }

    // https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast.
    private static let specialV4 = [
        IPNetwork("0.0.0.0", 8),  // this network, unspecified
        IPNetwork("10.0.0.0", 8),  // private
        IPNetwork("100.64.0.0", 10),  // shared by customers of a provider, RFC 6598
        IPNetwork("127.0.0.0", 8),  // loopback
        IPNetwork("169.254.0.0", 16),  // link-local, with the metadata services of clouds
        IPNetwork("172.16.0.0", 12),  // private
        IPNetwork("192.0.0.0", 24),  // protocol assignments
        IPNetwork("192.0.2.0", 24),  // documentation
        IPNetwork("192.88.99.0", 24),  // relays of 6to4, RFC 7526
        IPNetwork("192.168.0.0", 16),  // private
        IPNetwork("198.18.0.0", 15),  // benchmarks
        IPNetwork("198.51.100.0", 24),  // documentation
        IPNetwork("203.0.113.0", 24),  // documentation
        IPNetwork("224.0.0.0", 4),  // multicast
        IPNetwork("240.0.0.0", 4),  // reserved, broadcast
    ]

    /// The only range that IANA assigns to unicast addresses of the Internet.
    ///
    /// Outside it are loopback, unspecified, unique local, site-local, link-local and multicast
    /// addresses, and those that contain an IPv4 address: mapped, compatible and translated.
    private static let globalV6 = IPNetwork("2000::", 3)

    // https://www.iana.org/assignments/iana-ipv6-special-registry
    private static let specialV6 = [
        IPNetwork("2001::", 23),  // protocol assignments, Teredo
        IPNetwork("2001:db8::", 32),  // documentation
        IPNetwork("3fff::", 20),  // documentation
    ]

    private static let nat64 = IPNetwork("64:ff9b::", 96)
    private static let sixToFour = IPNetwork("2002::", 16)
}

/// A range of addresses with a common prefix.
private struct IPNetwork {
    let bytes: [UInt8]
    let prefix: Int

    init(_ address: String, _ prefix: Int) {
        bytes = IPAddress(address)?.bytes ?? []
        self.prefix = prefix
    }

    func contains(_ address: IPAddress) -> Bool {
        guard bytes.count == address.bytes.count else { return false }
        let whole = prefix / 8
        guard bytes.prefix(whole) == address.bytes.prefix(whole) else { return false }
        let shift = UInt8(8 - prefix % 8)
        return shift == 8 || bytes[whole] >> shift == address.bytes[whole] >> shift
    }
}
