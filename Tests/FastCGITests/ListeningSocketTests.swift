import Glibc
import Logging
import Testing

@testable import FastCGI

extension FastCGITests {
    @Suite struct ListeningSocketTests {
        private func mode(_ path: String) -> mode_t {
            var status = stat()
            return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
        }

        /// The error message for `address`.
        private func refusal(_ address: String) -> String {
            do {
                try ListeningSocket(at: address).close()
                return "not refused"
            } catch {
                return "\(error)"
            }
        }

        @Test func aPathIsForTheOwnerAndTheGroup() throws {
            let path = try TemporaryDirectory().path + "/s"
            #expect(refusal(path) == "cannot listen on \(path): No such file or directory")
            let directory = try TemporaryDirectory()
            let socket = try ListeningSocket(at: directory.path + "/s")
            #expect(mode(directory.path + "/s") == 0o660)
            socket.close()
            #expect(access(directory.path + "/s", F_OK) != 0)
        }

        @Test func anUnusedSocketFileIsReplaced() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/s"
            let old = try ListeningSocket(at: path)
            close(old.descriptor)
            let new = try ListeningSocket(at: path)
            defer { new.close() }
            _ = try Client(path)
        }

        @Test func aSocketFileInUseIsKept() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/s"
            let old = try ListeningSocket(at: path)
            defer { old.close() }
            #expect(refusal(path) == "another process listens on \(path)")
            _ = try Client(path)
        }

        @Test func aFileThatIsNoSocketIsKept() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/s"
            close(creat(path, 0o600))
            #expect(refusal(path) == "\(path) exists and is not a socket")
            #expect(access(path, F_OK) == 0)
        }

        @Test func aPathHasToFit() throws {
            let directory = try TemporaryDirectory()
            let room = 107 - directory.path.utf8.count - 1
            let longest = directory.path + "/" + String(repeating: "s", count: room)
            try ListeningSocket(at: longest).close()
            #expect(refusal(longest + "s").contains("1 to 107 bytes"))
            #expect(refusal("").contains("1 to 107 bytes"))
        }

        /// The port that the system chose for port 0.
        private func port(_ socket: ListeningSocket) -> UInt16 {
            var address = sockaddr_in6()
            var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
            _ = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getsockname(socket.descriptor, $0, &size)
                }
            }
            // At the same offset in an IPv4 address.
            return UInt16(bigEndian: address.sin6_port)
        }

        @Test(arguments: ["127.0.0.1", "[::1]"])
        func anAddressIsListenedOn(host: String) throws {
            let socket = try ListeningSocket(at: host + ":0")
            let listener = try Listener(
                on: socket, .init(workers: 2), logger: Logger(label: "test"), handle: echo)
            try listener.start()
            defer { listener.drain() }
            let client = try Client(to: SocketAddress(internet: "\(host):\(port(socket))"))
            for _ in 0..<2 {
                let body = [UInt8](repeating: 65, count: 100_000)
                let answer = try client.answer(WireRequest("POST", "/", body: body))
                #expect(answer.body.suffix(100_000) == body[...])
            }
        }

        @Test(arguments: [
            "localhost:80", ":9000", "127.0.0.1:", "127.0.0.1:65536", "1.2.3:x", "*:80",
        ])
        func aNameIsNoAddress(address: String) {
            #expect(refusal(address).contains("is not an IP address and a port"))
        }

        @Test func anAddressInUseIsRefused() throws {
            let first = try ListeningSocket(at: "127.0.0.1:0")
            defer { first.close() }
            let text = "127.0.0.1:\(port(first))"
            #expect(refusal(text) == "cannot listen on \(text): Address already in use")
        }

        @Test func descriptorZeroTakesPrecedence() throws {
            let directory = try TemporaryDirectory()
            let ours = try ListeningSocket(at: directory.path + "/s")
            let before = dup(0)
            dup2(ours.descriptor, 0)
            defer {
                dup2(before, 0)
                close(before)
                ours.close()
            }
            let inherited = try ListeningSocket(inheritedOrAt: directory.path + "/other")
            #expect(inherited.descriptor == 0)
            inherited.close()
            #expect(access(directory.path + "/s", F_OK) == 0)
            #expect(fcntl(0, F_GETFD) >= 0)
        }

        @Test func withoutEitherThereIsNoSocket() {
            #expect(throws: StartError.self) { try ListeningSocket(inheritedOrAt: nil) }
        }
    }
}
