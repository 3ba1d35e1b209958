public import Glibc

/// The address of a socket of any family.
public struct SocketAddress {
    private let bytes: [UInt8]
    let family: Int32

    /// The address of a unix socket: a path (unix(7)), or an abstract name after an `@`.
    ///
    /// Nil if it is longer than 107 bytes; the 108th is the NUL.
    public init?(unix path: String) {
        var address = sockaddr_un()
        let name = Array(path.utf8)
        guard !name.isEmpty, name.count < MemoryLayout.size(ofValue: address.sun_path) else {
            return nil
        }
        address.sun_family = sa_family_t(AF_UNIX)
        let offset = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2
        var bytes = withUnsafeBytes(of: address) { Array($0.prefix(offset)) }
        // An abstract name begins with NUL and ends with the address; a path ends with NUL.
        bytes += name[0] == UInt8(ascii: "@") ? [0] + name.dropFirst() : name + [0]
        self.bytes = bytes
        family = AF_UNIX
    }

    /// An IPv4 or IPv6 address and a port, both in digits: `127.0.0.1:9000`, `[::1]:9000`.
    ///
    /// Nil if it is neither. Names are not resolved, and no text means all addresses.
    init?(internet text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let port = String(text[text.index(after: colon)...])
        guard !host.isEmpty, host != "*", UInt16(port) != nil,
            getaddrinfo(String(host), port, &hints, &found) == 0, let found
        else { return nil }
        defer { freeaddrinfo(found) }
        let size = Int(found.pointee.ai_addrlen)
        bytes = Array(UnsafeRawBufferPointer(start: found.pointee.ai_addr, count: size))
        family = found.pointee.ai_family
    }

    /// Runs `body` with the pointer and length that bind(2) and connect(2) expect.
    public func withPointer<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(bytes.count))
            }
        }
    }
}
