import FastCGI
import Glibc
import HTTP
import HTTPTypes
import Logging
import Testing

/// Serialized, because each test measures a duration.
@Suite(.serialized) enum FastCGITests {}

/// A temporary directory of a test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("\(P_tmpdir)/fastcgi-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure("mkdtemp") }
        path = String(cString: made)
    }

    deinit {
        removeAll(path)
    }

    private func removeAll(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { removeAll("\(path)/\(name)") }
            }
            closedir(directory)
        }
        remove(path)
    }
}

/// A started listener on a socket in a temporary directory.
struct Fixture {
    let directory: TemporaryDirectory
    let path: String
    let listener: Listener

    init(
        workers: Int = 4, handle: @escaping @Sendable (Request) -> Response = echo,
        configure: (inout Listener.Configuration) -> Void = { _ in }
    ) throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/s"
        var configuration = Listener.Configuration(workers: workers)
        configure(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        listener = try Listener(
            on: ListeningSocket(at: path), configuration, logger: logger, handle: handle)
        try listener.start()
    }

    /// Runs `body` and always drains afterwards.
    func run(_ body: (Fixture) throws -> Void) rethrows {
        defer { listener.drain() }
        try body(self)
    }

    /// Waits, at most 5 s, until as many workers are busy.
    func waitUntilBusy(_ count: Int) {
        for _ in 0..<5000 where listener.busy != count { usleep(1000) }
    }
}

/// Returns the request it received; `?sleep=MS` delays the response.
@Sendable func echo(_ request: Request) -> Response {
    if request.query.hasPrefix("sleep="), let milliseconds = UInt32(request.query.dropFirst(6)) {
        usleep(milliseconds * 1000)
    }
    let lines = [request.method.rawValue, request.path, request.query, request.address, request.id]
    let fields = request.fields.map { "\($0.name): \($0.value)" }
    return Response(
        status: .ok, fields: [.contentType: "text/plain"],
        body: Array((lines + fields).joined(separator: "\n").utf8) + [10] + request.body)
}

/// The duration of `body` in milliseconds.
func millisecondsOf(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let duration = try clock.measure(body)
    return duration / .milliseconds(1)
}
