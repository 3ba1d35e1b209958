import Foundation
import Glibc
import Synchronization

/// A PostgreSQL server in a temporary folder, for tests.
///
/// It listens on a Unix socket in its folder. It ends with this object or with this process, however
/// that ends.
public final class TestServer: Sendable {
    /// The server that the suites of this process share.
    public static func shared() throws -> TestServer { try common.get() }

    private static let common = Result {
        let server = try TestServer()
        // A static value has no end: the watcher stops the server.
        return server
    }

    /// The folder with the socket, the data and the log.
    public let folder: String
    private let programs: String
    private let watcher: Watcher
    private let databases = Atomic(0)

    /// The role that owns everything; it needs no password.
    public static let owner = "souk"
    /// A role without rights whose password the server asks for.
    public static let lockedRole = "locked"
    /// The password of `lockedRole`.
    public static let lockedPassword = "open sesame"

    /// Creates a cluster and starts its server.
    ///
    /// - Parameters:
    ///   - settings: lines for `postgresql.conf`.
    ///   - primary: the server of which this one is a streaming standby, or nil.
    /// - Throws: `FixtureError` if PostgreSQL is not installed.
    public init(settings: [String] = [], following primary: TestServer? = nil) throws {
        programs = try TestServer.programs()
        var template = Array("\(TestServer.parent)/souk-pg-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FixtureError("mkdtemp: \(errno)") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if getuid() == 0 {
            guard let user = getpwnam("postgres") else {
                throw FixtureError("The user postgres does not exist. Run make deps.")
            }
            chown(folder, user.pointee.pw_uid, user.pointee.pw_gid)
        }
        watcher = try Watcher(stopping: folder, by: "\(programs)/pg_ctl")
        try run(primary.map { copy(of: $0) } ?? newCluster)
        try write(
            """
            listen_addresses = ''
            unix_socket_directories = '\(folder)'
            fsync = off
            max_connections = 400
            deadlock_timeout = 100ms
            \(settings.joined(separator: "\n"))

            """, to: "postgresql.conf")
        try write(
            """
            local all \(TestServer.lockedRole) scram-sha-256
            local all all trust
            local replication all trust

            """, to: "pg_hba.conf")
        try start()
        guard primary == nil else { return }
        try execute(
            "CREATE ROLE \(TestServer.lockedRole) LOGIN PASSWORD '\(TestServer.lockedPassword)'")
    }

    deinit {
        watcher.stop()
    }

    private var newCluster: [String] {
        [
            "initdb", "--pgdata=\(folder)/data", "--locale=C", "--encoding=UTF8", "--no-sync",
            "--auth=trust", "--username=\(TestServer.owner)", "--no-instructions",
        ]
    }

    private func copy(of primary: TestServer) -> [String] {
        [
            "pg_basebackup", "--pgdata=\(folder)/data", "--checkpoint=fast", "--no-sync",
            "--write-recovery-conf", "--dbname=host=\(primary.folder) user=\(TestServer.owner)",
        ]
    }

    /// The URL of a database of this server.
    public func url(
        _ database: String, role: String = TestServer.owner, parameters: [String: String] = [:]
    ) -> String {
        let host = folder.replacingOccurrences(of: "/", with: "%2F")
        let query = parameters.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        return "postgresql://\(role)@\(host)/\(database)\(query.isEmpty ? "" : "?\(query)")"
    }

    /// Creates a copy of the database `template`, which has no connections.
    ///
    /// It is dropped with the returned object.
    public func newDatabase(from template: String = "template1") throws -> TestDatabase {
        let number = databases.add(1, ordering: .relaxed).newValue
        let name = "t\(number)"
        // WAL_LOG, the other strategy, writes each page twice. In memory, it takes twice as long, and
        // on a busy disk five times.
        try execute("CREATE DATABASE \(name) TEMPLATE \(template) STRATEGY FILE_COPY")
        return TestDatabase(server: self, name: name)
    }

    /// Runs `text` in `database` as the owner, and returns a line for each row of its results, with
    /// columns separated by `|`.
    ///
    /// Several statements are one transaction.
    @discardableResult
    public func execute(_ text: String, in database: String = "postgres") throws -> String {
        try query(text, at: "host=\(folder) user=\(TestServer.owner) dbname=\(database)")
    }

    /// Writes a password of `lockedRole` into a file for libpq's parameter `passfile`.
    public func writePassword(_ password: String, to path: String) throws {
        try "*:*:*:*:\(password)\n".write(toFile: path, atomically: false, encoding: .utf8)
        // libpq ignores the file if others can read it.
        chmod(path, 0o600)
    }

    /// Starts the server and waits until it accepts connections.
    public func start() throws {
        try run([
            "pg_ctl", "--pgdata=\(folder)/data", "--log=\(folder)/log", "--wait", "--silent",
            "start",
        ])
    }

    /// Stops the server at once and in order, ending its connections.
    public func stop() throws {
        try run(["pg_ctl", "--pgdata=\(folder)/data", "--wait", "--silent", "--mode=fast", "stop"])
    }

    /// Restarts the server as a standby without a primary: it accepts no writes.
    public func becomeStandby() throws {
        try stop()
        try write("", to: "standby.signal")
        try start()
    }

    /// Waits until this standby shows everything that `primary` has committed.
    ///
    /// - Throws: `FixtureError` if it does not within a minute.
    public func catchUp(with primary: TestServer) throws {
        let end = try primary.execute("SELECT pg_current_wal_lsn()")
        let latest = Date.now + 60
        while try execute("SELECT pg_last_wal_replay_lsn() >= '\(end)'") != "t" {
            guard Date.now < latest else { throw FixtureError("The standby does not follow.") }
            usleep(10_000)
        }
    }

    /// Kills all processes of the server.
    public func kill() {
        for id in processes { _ = Glibc.kill(id, SIGKILL) }
        // Their parent is init, so they are gone soon.
        while processes.contains(where: { Glibc.kill($0, 0) == 0 }) { usleep(1000) }
    }

    /// Stops all processes of the server, as on a suspended machine.
    public func freeze() {
        for id in processes { _ = Glibc.kill(id, SIGSTOP) }
    }

    /// Lets the processes of the server continue.
    public func thaw() {
        for id in processes { _ = Glibc.kill(id, SIGCONT) }
    }

    /// The server's first process and its children.
    private var processes: [pid_t] {
        let lines = try? String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
        guard let first = lines?.split(separator: "\n").first, let main = pid_t(first) else {
            return []
        }
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return [main]
            + all.compactMap(pid_t.init).filter { id in
                guard let state = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                    let end = state.lastIndex(of: ")")
                else { return false }
                let fields = state[end...].split(separator: " ")
                return fields.count > 2 && fields[2] == "\(main)"
            }
    }

    private func write(_ text: String, to file: String) throws {
        // The folder belongs to another user if this is root, who may write there.
        let path = "\(folder)/data/\(file)"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    /// Runs a program of PostgreSQL as the user of the server, and returns its output.
    @discardableResult
    private func run(_ command: [String]) throws -> String {
        try FixtureProcess.run(
            asPostgres + ["\(programs)/\(command[0])"] + command.dropFirst())
    }

    /// The folder for the folders of servers: in memory, where a new database takes a tenth of the
    /// time, if 2 GB are free there.
    ///
    /// A path of a socket has at most 107 bytes, so TMPDIR may be too long.
    private static let parent: String = {
        let memory = "/dev/shm"
        var space = statvfs()
        guard statvfs(memory, &space) == 0, access(memory, W_OK) == 0,
            UInt64(space.f_bavail) * UInt64(space.f_frsize) >= 2_000_000_000
        else { return "/tmp" }
        return memory
    }()

    /// The folder with the programs of the newest installed version.
    private static func programs() throws -> String {
        let parent = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        let newest = versions.compactMap { Int($0) }.max()
        guard let newest else {
            throw FixtureError("PostgreSQL is not installed. Run make deps.")
        }
        return "\(parent)/\(newest)/bin"
    }
}

/// The start of a command that runs as another user than root, as PostgreSQL demands.
let asPostgres =
    getuid() == 0
    ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : []

/// A database that exists as long as this object.
public final class TestDatabase: Sendable {
    /// The server with the database.
    public let server: TestServer
    /// The name of the database.
    public let name: String

    init(server: TestServer, name: String) {
        self.server = server
        self.name = name
    }

    deinit {
        // The server ends soon, and its folder is then removed.
        _ = try? server.execute("DROP DATABASE \(name) WITH (FORCE)")
    }

    /// The URL of the database.
    public var url: String { server.url(name) }
}

/// Why a server for tests could not be used.
public struct FixtureError: Error, CustomStringConvertible {
    /// A sentence.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
