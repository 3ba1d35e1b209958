import Foundation
import Synchronization

/// A program that a test has started.
public final class Child: Sendable {
    /// Its process id.
    public let id: pid_t
    /// Its exit status; nil while it runs.
    private let status = Mutex<Int32?>(nil)

    /// The three standard descriptors of a child.
    public struct Streams: Sendable {
        /// A file to read from.
        public var input = "/dev/null"
        /// An open descriptor to read from, instead of `input`.
        public var inputDescriptor: Int32?
        /// A file to write to.
        public var output = "/dev/null"
        /// A file to write to; the same as `output` if it is nil.
        public var errors: String?

        /// All three are /dev/null.
        public init() {}
    }

    /// Starts `program`, a path, without this process's descriptors, variables and blocked signals.
    ///
    /// A child inherits the signal mask of the thread that starts it. If SIGTERM is blocked there,
    /// the child cannot be stopped.
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

    /// The environment of every child, independent of the user who runs the tests.
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
        // Closing a closed descriptor is no error. Other tests run concurrently, and the child must
        // not keep their sockets open.
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

    /// Sends a signal to the process, unless it has ended.
    public func signal(_ signal: Int32) {
        status.withLock { status in
            if status == nil { _ = kill(id, signal) }
        }
    }

    /// Its exit code, 128 plus the signal that ended it, or nil while it runs.
    public var exitCode: Int32? {
        status.withLock { status in
            if let status { return status }
            var word: Int32 = 0
            guard waitpid(id, &word, WNOHANG) == id else { return nil }
            status = word & 0x7F == 0 ? word >> 8 & 0xFF : 128 + word & 0x7F
            return status
        }
    }

    /// Waits for the end of the process, and kills it after the timeout.
    ///
    /// - Returns: its exit code.
    /// - Throws: `Failure` if it was killed.
    @discardableResult
    public func wait(seconds: Double) throws -> Int32 {
        if eventually(within: seconds, { exitCode != nil }), let exitCode { return exitCode }
        signal(SIGKILL)
        eventually(within: 5) { exitCode != nil }
        throw Failure("process \(id) did not end within \(seconds) s")
    }
}

/// Runs `body` with `strings` as a C array: pointers, terminated by nil.
private func withPointers<T>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) throws -> T
) rethrows -> T {
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return try body(pointers + [nil])
}
