import Foundation
import Synchronization

/// A whole shop as `make run` opens it, with the programs of this build: nginx, four responders,
/// one database.
public final class RunningShop: Sendable {
    /// SOUK_HOME.
    public let home: Folder
    /// nginx's port.
    public let port: UInt16
    private let supervisor: Child
    private let guardian: Child
    /// Keeps the guardian's standard input open until the shop or this process ends.
    private let leash = Pipe()
    private let isStopped = Atomic(false)

    /// Opens a shop in `home`, by default a new folder, and waits until it is ready.
    ///
    /// `knobs` are the settings of `make run`. By default there are no rate limits and no demo
    /// shop. `script` is a file of the folder make.
    public init(
        in home: Folder? = nil, on port: UInt16? = nil, knobs: [String: String] = [:],
        script: String = "run.sh"
    ) throws {
        let home = try home ?? Folder()
        self.home = home
        self.port = try port ?? freePort()
        supervisor = try RunningShop.start(in: home, on: self.port, knobs, script: script)
        // Closes the shop if this process is killed, or ends without closing it.
        var streams = Child.Streams()
        streams.inputDescriptor = leash.fileHandleForReading.fileDescriptor
        let epitaph = """
            read -r _; kill -TERM "$0" || exit
            for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$0" || break; sleep 1; done; rm -rf "$1"
            """
        guardian = try Child(
            "/bin/sh", ["-c", epitaph, "\(supervisor.id)", home.path], streams)
        let isReady = try eventually(within: 30) {
            if let code = supervisor.exitCode { throw Failure("it ended with \(code): \(said)") }
            return said.contains("souk: ready at ")
        }
        guard isReady else {
            stop()
            throw Failure("it is not ready after 30 s: \(said)")
        }
    }

    deinit {
        stop()
    }

    /// Starts `make/run.sh`, or another script of that folder, without waiting.
    public static func start(
        in home: Folder, on port: UInt16, _ knobs: [String: String] = [:],
        output: String = "run.out", script: String = "run.sh"
    ) throws -> Child {
        var streams = Child.Streams()
        streams.output = home.file(output)
        let variables = [
            "SOUK_HOME": home.path, "SOUK_PORT": "\(port)", "SOUK_BIN": Programs.folder,
            "SOUK_DEMO": "0", "SOUK_RATE_LIMITS": "off", "SOUK_SHOW_STOCK": "1",
        ]
        return try Child(
            "\(Programs.top)/make/\(script)", [],
            environment: variables.merging(knobs) { _, new in new }, streams)
    }

    /// The output of `make run` so far.
    public var said: String { (try? home.text(of: "run.out")) ?? "" }

    /// Closes the shop by a signal, like Ctrl-C.
    ///
    /// - Returns: the exit code, or nil if it did not end in time and was killed.
    @discardableResult
    public func stop() -> Int32? {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return supervisor.exitCode }
        guardian.signal(SIGKILL)
        _ = try? guardian.wait(seconds: 5)
        supervisor.signal(SIGTERM)
        return try? supervisor.wait(seconds: 20)
    }

    /// Kills the supervisor with SIGKILL.
    public func kill() {
        isStopped.store(true, ordering: .relaxed)
        guardian.signal(SIGKILL)
        _ = try? guardian.wait(seconds: 5)
        supervisor.signal(SIGKILL)
        _ = try? supervisor.wait(seconds: 5)
    }

    /// The command line of every process that works in the shop's folder.
    public func processes() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
            guard Int32(name) != nil,
                let folder = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(name)/cwd"),
                folder == home.path,
                let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
            else { return nil }
            return String(decoding: line.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
        }
    }

    /// The process id of a responder, from its pid file.
    public func process(of program: String) throws -> pid_t {
        guard let id = pid_t(try home.text(of: "run/\(program).pid").filter(\.isNumber)) else {
            throw Failure("run/\(program).pid holds no number")
        }
        return id
    }

    /// The process ids of the four responders.
    public func processes(of programs: [String] = Programs.daemons) throws -> [pid_t] {
        try programs.map(process(of:))
    }
}

extension RunningShop {
    /// An anonymous client.
    public func visitor() -> Visitor { Visitor(port: port) }

    /// A client that has logged in.
    public func visitor(_ name: String, _ password: String) throws -> Visitor {
        let visitor = visitor()
        try visitor.logIn(as: name, password)
        return visitor
    }

    /// Runs `souk` on the shop.
    public func souk(_ arguments: String..., input: String = "") throws -> Outcome {
        try run(
            "\(Programs.top)/make/souk.sh", arguments,
            environment: ["SOUK_HOME": home.path, "SOUK_BIN": Programs.folder], input: input)
    }

    /// The last 256 KiB of nginx's access log.
    public func endOfAccessLog() throws -> String {
        guard let log = FileHandle(forReadingAtPath: home.file("log/access.log")) else {
            throw Failure("there is no log/access.log")
        }
        let size = try log.seekToEnd()
        try log.seek(toOffset: size > 262_144 ? size - 262_144 : 0)
        return String(decoding: try log.readToEnd() ?? Data(), as: UTF8.self)
    }

    /// The whole database as SQL, read by sqlite3.
    public func dump() throws -> String { try sqlite(home.file("souk.db"), ".dump") }
}
