import Glibc

/// Returns the network of an address, in bytes.
///
/// That is an IPv4 address itself (/32), or the first 64 bits of an IPv6 address (/64), which is
/// what one subscriber gets (RFC 6177). An IPv4-mapped IPv6 address counts as IPv4. Other text,
/// such as `unix:`, is a network of its own.
func network(of address: String) -> [UInt8] {
    var v4 = in_addr()
    if inet_pton(AF_INET, address, &v4) == 1 { return withUnsafeBytes(of: v4) { Array($0) } }
    var v6 = in6_addr()
    guard inet_pton(AF_INET6, address, &v6) == 1 else { return Array(address.utf8) }
    let bytes = withUnsafeBytes(of: v6) { Array($0) }
    let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11] == [0xFF, 0xFF]
    return isMapped ? Array(bytes.suffix(4)) : Array(bytes.prefix(8))
}
