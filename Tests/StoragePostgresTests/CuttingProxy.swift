import Glibc
import PostgresFixture
import Synchronization
import Threads

/// Passes connections on to a server, and cuts the one that sends a certain text, or states another
/// version of the server.
///
/// `@unchecked Sendable`: `listener` is set once.
final class CuttingProxy: @unchecked Sendable {
    enum Cut {
        /// The server does not get the text.
        case before
        /// The server gets the text, and the client not its answer.
        case after
        /// The client gets no answer, and the connection stays open.
        case silence
    }

    let folder: String
    private let server: String
    private let cut: Cut
    private let text: [UInt8]
    private let listener: Int32
    /// How many connections are still cut.
    private let cutsLeft: Atomic<Int>
    /// The two digits of the version to state, or none.
    private let version: [UInt8]

    init(
        to server: TestServer, cutting cut: Cut = .before, at text: String = "", times: Int = 1,
        statingVersion version: Int? = nil
    ) throws {
        var template = Array("/tmp/souk-cut-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ProxyError() }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.server = "\(server.folder)/.s.PGSQL.5432"
        self.cut = cut
        self.text = Array(text.utf8)
        cutsLeft = Atomic(text.isEmpty ? 0 : times)
        self.version = version.map { Array("\($0)".utf8) } ?? []
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let path = "\(folder)/.s.PGSQL.5432"
        guard withAddress(of: path, { bind(listener, $0, $1) }) == 0, listen(listener, 10) == 0
        else { throw ProxyError() }
        _ = try Threads.Thread(named: "proxy") { [self] in accept() }
    }

    deinit {
        unlink("\(folder)/.s.PGSQL.5432")
        rmdir(folder)
    }

    /// Ends the proxy; without it, its thread keeps it.
    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
    }

    private func accept() {
        while case let client = Glibc.accept(listener, nil, nil), client >= 0 {
            let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            guard withAddress(of: server, { connect(upstream, $0, $1) }) == 0 else {
                Glibc.close(client)
                Glibc.close(upstream)
                continue
            }
            _ = try? Threads.Thread(named: "proxy") { [self] in
                pass(client, upstream)
                Glibc.close(client)
                Glibc.close(upstream)
            }
        }
    }

    /// Passes bytes in both directions until one side closes or the connection is cut.
    private func pass(_ client: Int32, _ upstream: Int32) {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var isSilent = false
        while true {
            var polled = [client, upstream].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&polled, 2, -1) > 0 else { return }
            for (from, to) in [(0, upstream), (1, client)] where polled[from].revents != 0 {
                let count = read(polled[from].fd, &bytes, bytes.count)
                guard count > 0 else { return }
                let isCut = from == 0 && bytes[..<count].contains(text) && takeCut()
                if isCut, cut == .before { return }
                if from == 1 { stateVersion(in: &bytes) }
                if !isSilent || from == 0 { write(to, bytes, count) }
                if isCut, cut == .after {
                    // The answer means that the server has run it.
                    _ = read(upstream, &bytes, bytes.count)
                    return
                }
                if isCut { isSilent = true }
            }
        }
    }

    /// Replaces the two digits after the name of the parameter in an answer of the server.
    private func stateVersion(in bytes: inout [UInt8]) {
        let name = Array("server_version\0".utf8)
        guard !version.isEmpty, let place = bytes.firstRange(of: name) else { return }
        bytes.replaceSubrange(place.upperBound..<place.upperBound + version.count, with: version)
    }

    private func takeCut() -> Bool {
        cutsLeft.subtract(1, ordering: .relaxed).oldValue > 0
    }
}

private struct ProxyError: Error {}

private func withAddress(
    of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
