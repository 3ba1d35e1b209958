import Curl
import Glibc
import ShopFixture
import Testing

/// The check of the address at each connection.
@Suite struct AddressGuardTests {
    let servers: PythonServers

    init() throws {
        servers = try PythonServers.shared.get()
    }

    /// Sends a request to hook.test, which resolves to `addresses`.
    private func send(
        to addresses: String, allowing hosts: String = "", timeoutMs: Int = 2000
    ) throws -> Result<OutboundResponse, TransferFailure> {
        let allowed = try #require(AllowedHosts(hosts))
        let port = servers.webPort("https")
        var request = OutboundRequest(
            .get, try OutboundURL("https://hook.test:\(port)/bytes/1", allowing: allowed))
        request.timeoutMs = timeoutMs
        var network = servers.network
        network.resolve = ["hook.test:\(port):\(addresses)"]
        return request.send(network)
    }

    @Test(arguments: [
        "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254", "0.0.0.0",
        "[::]", "192.168.1.1", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255", "127.0.0.1,[::1]",
    ]) func refusesNamesOfPrivateAddresses(addresses: String) throws {
        let failure = #expect(throws: TransferFailure.self) { try send(to: addresses).get() }
        #expect(failure?.code == .addressNotAllowed, "\(failure?.detail ?? "")")
        #expect((failure?.ms ?? 0) < 1000)
    }

    /// The name has another address at the second connection.
    @Test func checksEachConnection() throws {
        #expect(try send(to: "127.0.0.1", allowing: "hook.test").get().status == 200)
        let failure = #expect(throws: TransferFailure.self) { try send(to: "127.0.0.1").get() }
        #expect(failure?.code == .addressNotAllowed)
    }

    @Test func refusedHostsGetNoConnection() throws {
        let port = try SilentPort()
        let request = OutboundRequest(
            .get, try OutboundURL("https://hook.test:\(port.number)/", allowing: .none))
        let network = NetworkOverrides(resolve: ["hook.test:\(port.number):127.0.0.1"])
        #expect(throws: TransferFailure.self) { try request.send(network).get() }
        #expect(!port.hasConnection)
        // The check of this test itself.
        let url = try #require(OutboundURL(trusted: "https://127.0.0.1:\(port.number)/"))
        var trusted = OutboundRequest(.get, url)
        trusted.timeoutMs = 200
        #expect(throws: TransferFailure.self) { try trusted.send().get() }
        #expect(port.hasConnection)
    }

    /// An allowed host with a port allows no other port.
    @Test func allowsTheGivenPortOnly() throws {
        let port = servers.webPort("https")
        #expect(try send(to: "127.0.0.1", allowing: "hook.test:\(port)").get().status == 200)
        let failure = #expect(throws: TransferFailure.self) {
            try send(to: "127.0.0.1", allowing: "hook.test:\(port + 1)").get()
        }
        #expect(failure?.code == .addressNotAllowed)
    }
}

/// A port of this machine that takes connections and does not answer.
private final class SilentPort {
    let descriptor: Int32
    let number: Int

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | listen(descriptor, 8)
                    | getsockname(descriptor, $0, &size)
            }
        }
        guard result == 0 else { throw Failure("bind: \(errno)") }
        number = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    /// Whether a client has connected.
    var hasConnection: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) == 1
    }
}
