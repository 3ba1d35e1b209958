import Glibc

/// Starts other programs.
///
/// Not by Foundation's `Process`: that waits until the last descendant of the program has ended, and
/// a server is one.
enum FixtureProcess {
    /// Runs a command to its end and returns what it prints.
    ///
    /// - Throws: `FixtureError` with its errors if it fails.
    static func run(_ command: [String]) throws -> String {
        // Files, because a server that the command starts would keep pipes open.
        guard let output = tmpfile(), let errors = tmpfile() else {
            throw FixtureError("tmpfile: \(errno)")
        }
        defer {
            fclose(output)
            fclose(errors)
        }
        let id = try start(command, input: nil, output: fileno(output), errors: fileno(errors))
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else { throw FixtureError("\(command): \(text(errors))") }
        return text(output)
    }

    /// Starts a command; descriptors that are nil become /dev/null.
    @discardableResult
    static func start(
        _ command: [String], input: Int32?, output: Int32? = nil, errors: Int32? = nil
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in [input, output, errors].enumerated() {
            let number = Int32(number)
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, number)
            } else {
                posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
            }
        }
        // The user of the server may not enter the present folder.
        let command = ["env", "--chdir=/"] + command
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var id = pid_t()
        let code = posix_spawnp(&id, command[0], &actions, nil, &arguments, environ)
        guard code == 0 else {
            throw FixtureError("\(command[0]): \(String(cString: strerror(code)))")
        }
        return id
    }

    private static func text(_ file: UnsafeMutablePointer<FILE>) -> String {
        rewind(file)
        var bytes: [UInt8] = []
        while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
        while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A process that stops a server and removes its folder when this process ends.
///
/// It waits for the end of a pipe that only this process writes to, so it also notices SIGKILL.
final class Watcher: Sendable {
    private let pipe: Int32

    init(stopping folder: String, by program: String) throws {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw FixtureError("pipe: \(errno)") }
        // No other program that this process starts keeps the pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let stop = (asPostgres + [program]).joined(separator: " ")
        try FixtureProcess.start(
            [
                "setsid", "sh", "-c",
                """
                cat >/dev/null
                \(stop) --pgdata="$0/data" --silent --mode=immediate stop
                rm -rf "$0"
                """, folder,
            ], input: ends[0])
        close(ends[0])
        pipe = ends[1]
    }

    /// Stops the server now.
    func stop() {
        close(pipe)
    }
}
