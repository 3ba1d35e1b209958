import Glibc
import Testing

@testable import Curl

@Suite struct IPAddressTests {
    static let special = [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255",
        "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
        "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::10.1.2.3",
        "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8", "100::1", "2001::1", "2001:20::1",
        "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::1", "3fff::1",
        "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
    ]

    static let ordinary = [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2001:200::1",
        "2003::1", "64:ff9b::8.8.8.8", "2002:808:808::1", "2a00::1",
    ]

    @Test(arguments: special) func isNotPublic(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!address.isPublic)
    }

    @Test(arguments: ordinary) func isPublic(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.isPublic)
    }

    @Test func readsSocketAddresses() {
        var v4 = sockaddr_in()
        v4.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size4 = MemoryLayout<sockaddr_in>.size
        #expect(
            IPAddress(socketAddress: &v4, family: AF_INET, count: size4) == IPAddress("127.0.0.1"))
        #expect(IPAddress(socketAddress: &v4, family: AF_INET, count: 7) == nil)
        #expect(IPAddress(socketAddress: &v4, family: AF_UNIX, count: size4) == nil)
        var v6 = sockaddr_in6()
        inet_pton(AF_INET6, "fe80::1", &v6.sin6_addr)
        let size6 = MemoryLayout<sockaddr_in6>.size
        #expect(
            IPAddress(socketAddress: &v6, family: AF_INET6, count: size6) == IPAddress("fe80::1"))
        #expect(IPAddress(socketAddress: &v6, family: AF_INET6, count: size4) == nil)
    }

    @Test(arguments: ["", "1.2.3", "localhost", "fe80::1%lo", "[::1]", "1.2.3.4 "])
    func refusesOtherText(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
