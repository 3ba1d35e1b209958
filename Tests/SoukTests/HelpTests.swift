import Foundation
import ShopFixture
import Testing

extension SoukTests {
    /// Compares the help texts with Help/*.txt, word for word.
    ///
    /// After a change, `SOUK_TESTS_WRITE_HELP=1 swift test --filter HelpTests` writes the files
    /// again, and `git diff` shows the difference.
    @Suite struct HelpTests {
        static let commands = [
            [], ["migrate"], ["check"], ["user"], ["user", "add"], ["user", "list"],
            ["user", "role"], ["user", "suspend"], ["user", "activate"], ["user", "password"],
            ["user", "totp-reset"],
            ["keys"],
            ["keys", "rotate"], ["import"], ["export"], ["events"], ["backup"], ["restore"],
            ["copy"], ["seed"], ["jobs"], ["jobs", "list"], ["jobs", "retry"], ["jobs", "drop"],
            ["mail"], ["mail", "check"], ["payments"], ["payments", "list"],
            ["payments", "unmatched"], ["payments", "reconcile"], ["invoices"],
            ["invoices", "new-series"], ["settings"], ["responders"], ["daemons"], ["version"],
        ]
        static let folder = "\(Programs.top)/Tests/SoukTests/Help"
        static let writes = ProcessInfo.processInfo.environment["SOUK_TESTS_WRITE_HELP"] != nil

        @Test(arguments: commands) func isWordForWord(command: [String]) throws {
            let help = try run(Programs.souk, command + ["--help"])
            help.expect(0, errors: "")
            let file = "\(Self.folder)/\((["souk"] + command).joined(separator: "-")).txt"
            if Self.writes {
                try help.output.write(toFile: file, atomically: true, encoding: .utf8)
            }
            #expect(try help.output == String(contentsOfFile: file, encoding: .utf8))
            // Line breaks as in a terminal; the usage line is never broken.
            let prose = help.output.split(separator: "\n").filter { !$0.hasPrefix("USAGE") }
            #expect(prose.allSatisfy { $0.count <= 80 })
        }

        /// A command that is not listed above would have no file.
        @Test(.disabled(if: writes)) func everyCommandIsHere() throws {
            let listed = ["", "user", "keys", "jobs", "mail", "payments", "invoices"].flatMap {
                parent -> [[String]] in
                let path = parent.isEmpty ? [] : [parent]
                guard let help = try? run(Programs.souk, path + ["--help"]).output,
                    let start = help.range(of: "SUBCOMMANDS:\n")
                else { return [] }
                return help[start.upperBound...].matches(
                    of: /^  ([a-z-]+)\s/.anchorsMatchLineEndings()
                ).map {
                    path + [String($0.1)]
                }
            }
            #expect(Set(listed) == Set(Self.commands.filter { !$0.isEmpty }))
            let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
            #expect(files.count == Self.commands.count)
        }

        @Test func withoutACommandItIsTheHelp() throws {
            let help = try run(Programs.souk, ["--help"])
            try run(Programs.souk, []).expect(0, output: help.output, errors: "")
            try run(Programs.souk, ["help"]).expect(0, output: help.output, errors: "")
            let add = try run(Programs.souk, ["user", "add", "--help"])
            try run(Programs.souk, ["help", "user", "add"]).expect(0, output: add.output)
        }

        @Test(arguments: [["version"], ["--version"]]) func theVersion(arguments: [String]) throws {
            let version = try run(Programs.souk, arguments).expect(0, errors: "")
            #expect(version.output.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
            for daemon in Programs.daemons {
                try run("\(Programs.folder)/\(daemon)", ["--version"])
                    .expect(0, output: version.output, errors: "")
            }
        }

        @Test(arguments: [
            (["sell"], "Error: Unexpected argument 'sell'"),
            (["migrate", "now"], "Error: Unexpected argument 'now'"),
            (["check", "--xml"], "Error: Unknown option '--xml'"),
            (["user", "add"], "Error: Missing expected argument '<name>'"),
            (
                ["user", "add", "bob", "--role", "king"],
                "Error: The value 'king' is invalid for '--role <role>'"
            ),
            (["user", "role", "bob"], "Error: Missing expected argument '<role>'"),
            (["seed"], "Error: Nothing to do: give --demo, --products, --customers or --orders."),
            (["seed", "--products=-1"], "Error: The numbers must not be negative."),
            (
                ["seed", "--products", "many"],
                "Error: The value 'many' is invalid for '--products <products>'"
            ),
            (
                ["seed", "--orders", "5"],
                "Error: Orders need products and customers: give --products and --customers as well."
            ),
        ])
        func aWrongCommandLine(arguments: [String], sentence: String) throws {
            let shop = try Operator()
            let outcome = try run(Programs.souk, arguments, environment: shop.environment)
            outcome.expect(64, output: "")
            #expect(outcome.errors.hasPrefix(sentence), "\(outcome.errors)")
            #expect(outcome.errors.contains("Usage: souk"))
            #expect(!FileManager.default.fileExists(atPath: shop.folder.file("souk.db")))
        }

        @Test(arguments: [
            ["--listen"], ["somewhere"], ["--listen", "a", "b"], ["--version", "--version"],
        ])
        func aDaemonsWrongCommandLine(arguments: [String]) throws {
            for daemon in Programs.daemons {
                try run("\(Programs.folder)/\(daemon)", arguments).expect(
                    64, output: "",
                    errors: "usage: \(daemon) [--listen PATH|HOST:PORT] [--version]\n")
            }
        }
    }
}
