import FoundationEssentials
import Glibc

/// The client programs of PostgreSQL, such as pg_dump.
///
/// They read the password as libpq does, from the file that `passfile` or `PGPASSFILE` names. So no
/// command line contains one.
enum ClientProgram: String {
    case createDatabase = "createdb"
    case dropDatabase = "dropdb"
    case dump = "pg_dump"
    case restore = "pg_restore"
    case query = "psql"

    /// Runs the program to its end.
    ///
    /// - Returns: its output.
    /// - Throws: `Failure` with its messages if it fails or is not installed.
    @discardableResult
    func run(_ arguments: [String]) throws -> String {
        guard let output = tmpfile(), let errors = tmpfile() else {
            throw Failure(errno, "A temporary file cannot be created")
        }
        defer {
            fclose(output)
            fclose(errors)
        }
        let status = try wait(for: start(arguments, output: output, errors: errors))
        guard status == 0 else {
            throw Failure(description: text(errors) ?? "\(rawValue) failed.")
        }
        return text(output) ?? ""
    }

    /// Starts the program.
    private func start(
        _ arguments: [String], output: UnsafeMutablePointer<FILE>,
        errors: UnsafeMutablePointer<FILE>
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, fileno(output), STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fileno(errors), STDERR_FILENO)
        let path = self.path
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id = pid_t()
        let code = posix_spawnp(&id, path, &actions, nil, &words, environ)
        guard code == 0 else {
            throw Failure(
                code, "\(rawValue), a program of the package postgresql-client, cannot be run")
        }
        return id
    }

    private func wait(for id: pid_t) throws -> Int32 {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0 {
            guard errno == EINTR else { throw Failure(errno, "\(rawValue) cannot be awaited") }
        }
        return status
    }

    /// The program of the newest installed version, or a name to look for in `PATH`.
    ///
    /// Debian's `/usr/bin/pg_dump` is a Perl script, which the sandbox of the units does not run.
    private var path: String {
        let parent = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        return versions.compactMap { Int($0) }.sorted(by: >)
            .map { "\(parent)/\($0)/bin/\(rawValue)" }.first { access($0, X_OK) == 0 } ?? rawValue
    }

    /// The text of a file without the last line break, or nil if there is none.
    private func text(_ file: UnsafeMutablePointer<FILE>) -> String? {
        rewind(file)
        var bytes: [UInt8] = []
        while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
        while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
