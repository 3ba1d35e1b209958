import ArgumentParser
import HTTP
import Launch
import Service
import Storage

struct CheckDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the database for violated rules.",
        discussion: """
            Compares wallets with their ledgers, stock with its movements, orders with their lines, and so on. \
            Also compares the tables, indexes, constraints and triggers with those of this version. It reads one \
            snapshot with two threads while the shop is running. On a terminal it shows a progress bar.

            It also runs on a standby of PostgreSQL. There it does not compare the tables (`skip`).

            Exit code 2 if a rule is violated.
            """)

    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let findings = try withShop(for: .wholeTables) { _, store in
            try CheckResult.all(in: store, atOnce: 2)
        }
        if json {
            print(JSONWriter.text(of: findings))
        } else {
            for finding in findings { finding.show() }
        }
        guard findings.allSatisfy(\.breaches.isEmpty) else { throw ExitCode(2) }
    }
}
