import Foundation
import Synchronization

/// A program that a test has started.
public final class Child: Sendable {
    /// Its process.
    public let id: pid_t
    /// What it has become: nil while it runs.
    private let status = Mutex<Int32?>(nil)

    /// Where the three standard descriptors of a child lead.
    public struct Streams: Sendable {
        /// A file to read from.
        public var input = "/dev/null"
        /// An open descriptor to read from, instead of `input`.
        public var inputDescriptor: Int32?
        /// A file to write to.
        public var output = "/dev/null"
        /// A file to write to; the same as `output` where it is nil.
        public var errors: String?

        /// From nowhere to nowhere.
        public init() {}
    }

    /// Starts `program`, a path, with nothing of this process: no descriptor, no variable, no
    /// blocked signal.
    ///
    /// A child inherits the signal mask of the thread that starts it, and one that has SIGTERM
    /// blocked cannot be asked to stop.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        _ streams: Streams = Streams()
    ) throws {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        Child.prepare(&actions, streams)
        Child.prepare(&attributes)

        let variables = Child.environment.merging(environment) { _, new in new }
        var id = pid_t()
        let result = withPointers([program] + arguments) { arguments in
            withPointers(variables.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&id, program, &actions, &attributes, arguments, environment)
            }
        }
        guard result == 0 else {
            throw Failure("\(program): \(String(cString: strerror(result)))")
        }
        self.id = id
    }

    /// What every child gets, whoever runs the tests.
    private static let environment = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
        "HOME": "/",
    ]

    private static func prepare(
        _ actions: inout posix_spawn_file_actions_t, _ streams: Streams
    ) {
        let writing = O_WRONLY | O_CREAT | O_TRUNC
        if let descriptor = streams.inputDescriptor {
            posix_spawn_file_actions_adddup2(&actions, descriptor, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, streams.input, O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, streams.output, writing, 0o600)
        if let errors = streams.errors {
            posix_spawn_file_actions_addopen(&actions, 2, errors, writing, 0o600)
        } else {
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        // To close one that is not open is no error. Each test runs beside others, whose sockets
        // must not stay open here.
        for descriptor in 3..<Int32(1024) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
    }

    private static func prepare(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    }

    /// Sends it a signal, unless it has ended.
    public func signal(_ signal: Int32) {
        status.withLock { status in
            if status == nil { _ = kill(id, signal) }
        }
    }

    /// Its exit code, 128 and the signal that ended it, or nil while it runs.
    public var exitCode: Int32? {
        status.withLock { status in
            if let status { return status }
            var word: Int32 = 0
            guard waitpid(id, &word, WNOHANG) == id else { return nil }
            status = word & 0x7F == 0 ? word >> 8 & 0xFF : 128 + word & 0x7F
            return status
        }
    }

    /// Waits for its end; one that does not come in time is killed.
    /// - Returns: its exit code.
    /// - Throws: `Failure` where it had to be killed.
    @discardableResult
    public func wait(seconds: Double) throws -> Int32 {
        if eventually(within: seconds, { exitCode != nil }), let exitCode { return exitCode }
        signal(SIGKILL)
        eventually(within: 5) { exitCode != nil }
        throw Failure("process \(id) did not end within \(seconds) s")
    }
}

/// Runs `body` with `strings` as C has them: pointers, and nil behind the last.
private func withPointers<T>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) throws -> T
) rethrows -> T {
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return try body(pointers + [nil])
}
