import Foundation

/// The paths of the programs that tests run.
public enum Programs {
    /// The build folder of these tests, with the responders and `souk`.
    public static let folder: String = {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: own ?? CommandLine.arguments[0]).deletingLastPathComponent()
            .path
    }()

    /// The top of the source tree.
    public static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The four responders.
    public static let daemons = ["customersd", "inventoryd", "salesd", "reviewsd"]

    /// The operator's command.
    public static let souk = "\(folder)/souk"

    /// promtool, from `make deps` or from Debian.
    public static let promtool: String? = {
        let own = "\(top)/.build/tools/promtool"
        return access(own, X_OK) == 0 ? own : installed("promtool")
    }()

    /// The program `program` of a Python tool that `make deps` installs in a folder of its own, or nil.
    public static func tool(_ name: String, _ program: String? = nil) -> String? {
        let path = "\(top)/.build/tools/\(name)/bin/\(program ?? name)"
        return access(path, X_OK) == 0 ? path : nil
    }

    /// The program `name` if Debian has installed it, or nil.
    public static func installed(_ name: String) -> String? {
        ["/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/", "/bin/"].map {
            $0 + name
        }
        .first { access($0, X_OK) == 0 }
    }
}

/// The output of a program that has ended.
public struct Outcome: Sendable {
    /// Its exit code.
    public let code: Int32
    /// What it wrote to standard output.
    public let output: String
    /// What it wrote to standard error.
    public let errors: String
}

/// Runs a program to its end, with `input` as standard input.
///
/// - Throws: `Failure` if it takes longer than `seconds`.
public func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    input: String = "", seconds: Double = 20
) throws -> Outcome {
    let folder = try Folder()
    var streams = Child.Streams()
    streams.input = folder.file("input")
    streams.output = folder.file("output")
    streams.errors = folder.file("errors")
    try Data(input.utf8).write(to: URL(fileURLWithPath: streams.input))
    let child = try Child(program, arguments, environment: environment, streams)
    let code = try child.wait(seconds: seconds)
    return Outcome(
        code: code, output: try folder.text(of: "output"), errors: try folder.text(of: "errors"))
}

/// Runs SQL on a database file with the sqlite3 program, independently of Souk.
///
/// - Returns: the output.
@discardableResult
public func sqlite(_ database: String, _ sql: String) throws -> String {
    guard let program = Programs.installed("sqlite3") else { throw Failure("there is no sqlite3") }
    let outcome = try run(program, ["-bail", database], input: ".timeout 5000\n\(sql)\n")
    guard outcome.code == 0, outcome.errors.isEmpty else { throw Failure(outcome.errors) }
    return outcome.output
}
