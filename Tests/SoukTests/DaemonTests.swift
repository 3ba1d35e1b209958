import Foundation
import ShopFixture
import Testing

extension SoukTests {
    /// The two ways to reach a responder without nginx: a port, and descriptor 0.
    @Suite struct DaemonTests {
        /// Sends a FastCGI 1.0 request for `target` with the fewest parameters.
        private func ask(_ descriptor: Int32, _ target: String) throws -> String {
            let parameters = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", target)].flatMap {
                [UInt8($0.0.utf8.count), UInt8($0.1.utf8.count)] + Array(($0.0 + $0.1).utf8)
            }
            func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
                [1, type, 0, 1, 0, UInt8(content.count), 0, 0] + content
            }
            let request =
                record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + record(4, parameters) + record(4, [])
                + record(5, [])
            guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
            else { throw Failure("send: \(errno)") }
            var answer: [UInt8] = []
            var part = [UInt8](repeating: 0, count: 65_536)
            while case let count = recv(descriptor, &part, part.count, 0), count > 0 {
                answer += part[..<count]
            }
            return String(decoding: answer, as: UTF8.self)
        }

        /// A socket with a timeout of 30 seconds.
        private func socketOf(_ family: Int32) -> Int32 {
            let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
            var patience = timeval(tv_sec: 30, tv_usec: 0)
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
                socklen_t(MemoryLayout<timeval>.size))
            return descriptor
        }

        /// Even though it had requests before it was ready.
        @Test func reportsTheNumberOfWorkers() throws {
            var shop = try Operator.migrated()
            shop.environment["SOUK_WORKERS"] = "64"
            let path = shop.folder.file("reviews.sock")
            let listener = socketOf(AF_UNIX)
            defer { close(listener) }
            #expect(unixAddress(path) { bind(listener, $0, $1) } == 0)
            #expect(listen(listener, 128) == 0)
            // Each has sent half of a request, and occupies a worker.
            let clients = (0..<100).map { _ in socketOf(AF_UNIX) }
            defer { for client in clients { close(client) } }
            for client in clients {
                #expect(unixAddress(path) { connect(client, $0, $1) } == 0)
                #expect(write(client, [1, 1, 0, 1] as [UInt8], 4) == 4)
            }
            let child = try start("reviewsd", [], of: shop, inheriting: listener)
            let log = try shop.folder.text(of: "reviewsd.log")
            #expect(log.contains(" workers=64\n"), "\(log)")
            child.signal(SIGKILL)
            _ = try child.wait(seconds: 30)
        }

        private func start(
            _ name: String, _ arguments: [String], of shop: Operator,
            inheriting socket: Int32? = nil
        ) throws -> Child {
            var streams = Child.Streams()
            streams.inputDescriptor = socket
            streams.output = shop.folder.file("\(name).log")
            let child = try Child(
                "\(Programs.folder)/\(name)", arguments, environment: shop.environment, streams)
            let isReady = eventually(within: 30) {
                (try? shop.folder.text(of: "\(name).log"))?.contains("<6>ready") == true
            }
            guard isReady else { throw Failure(try shop.folder.text(of: "\(name).log")) }
            return child
        }

        static let questions = [
            ("customersd", "/wishlist", "401"), ("inventoryd", "/inventory", "200"),
            ("salesd", "/sales", "401"), ("reviewsd", "/reviews", "200"),
        ]

        @Test(arguments: questions) func listensOnAPort(
            name: String, target: String, status: String
        ) throws {
            let shop = try Operator.migrated()
            let port = try freePort()
            let child = try start(name, ["--listen", "127.0.0.1:\(port)"], of: shop)
            let client = socketOf(AF_INET)
            defer { close(client) }
            #expect(loopback(port) { connect(client, $0, $1) } == 0)
            let answer = try ask(client, target)
            #expect(answer.contains("Status: \(status) "), "\(answer)")
            child.signal(SIGTERM)
            #expect(try child.wait(seconds: 30) == 0)
            let log = try shop.folder.text(of: "\(name).log")
            let lines = log.split(separator: "\n")
            // Standard error is a file and not the journal, so lines have time and program.
            let start =
                #/20\S+Z \w+d <6>ready database=\S+souk.db schema=\d+ version=\S+ workers=\d+/#
            #expect(lines.first?.wholeMatch(of: start) != nil, "\(log)")
            let ends = [" \(name) <6>stopping", " \(name) <6>stopped requests=1"]
            for (line, end) in zip(lines.suffix(2), ends) { #expect(line.hasSuffix(end), "\(log)") }
        }

        @Test(arguments: [SIGTERM, SIGINT]) func takesDescriptor0(signal: Int32) throws {
            let shop = try Operator.migrated()
            for (name, target, status) in Self.questions {
                let listener = socketOf(AF_UNIX)
                defer { close(listener) }
                let path = shop.folder.file("\(name).sock")
                #expect(unixAddress(path) { bind(listener, $0, $1) } == 0)
                #expect(listen(listener, 16) == 0)
                let child = try start(name, [], of: shop, inheriting: listener)
                let client = socketOf(AF_UNIX)
                defer { close(client) }
                #expect(unixAddress(path) { connect(client, $0, $1) } == 0)
                let answer = try ask(client, target)
                #expect(answer.contains("Status: \(status) "), "\(answer)")
                child.signal(signal)
                #expect(try child.wait(seconds: 30) == 0)
                // The process that passed the socket closes it.
                #expect(FileManager.default.fileExists(atPath: path))
                let late = socketOf(AF_UNIX)
                defer { close(late) }
                #expect(unixAddress(path) { connect(late, $0, $1) } == 0)
            }
        }

        @Test func listensOnAPathAndRemovesIt() throws {
            let shop = try Operator.migrated()
            let path = shop.folder.file("sales.sock")
            let child = try start("salesd", ["--listen", path], of: shop)
            try shop.daemon("salesd", "--listen", path).expect(
                1, errors: "salesd cannot start: another process listens on \(path)\n")
            let client = socketOf(AF_UNIX)
            defer { close(client) }
            #expect(unixAddress(path) { connect(client, $0, $1) } == 0)
            #expect(try ask(client, "/sales").contains("token_missing"))
            child.signal(SIGTERM)
            #expect(try child.wait(seconds: 30) == 0)
            #expect(!FileManager.default.fileExists(atPath: path))
        }

        @Test func aMissingAddressIsReported() throws {
            let shop = try Operator.migrated()
            for daemon in Programs.daemons {
                try shop.daemon(daemon).expect(
                    1, output: "",
                    errors:
                        "\(daemon) cannot start: descriptor 0 is not a listening socket, and no address was given\n"
                )
            }
            let rows = [
                "localhost:80", "127.0.0.1:99999", "127.0.0.1:", ":", "/nowhere/at/all.sock",
                "/" + String(repeating: "a", count: 120), "",
            ]
            for address in rows {
                let outcome = try shop.daemon("salesd", "--listen", address).expect(1, output: "")
                #expect(outcome.errors.hasPrefix("salesd cannot start: "), "\(outcome.errors)")
                #expect(
                    address.isEmpty || outcome.errors.contains(address), "\(outcome.errors)")
            }
        }
    }
}

/// Calls `body` with the address of a socket file.
private func unixAddress<T>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T
) -> T {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
