import ArgumentParser
import HTTP
import Launch
import Service
import Storage
import StorageSQLite

struct CheckDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the shop's database for anything that is wrong.",
        discussion: """
            Compares wallets with their ledgers, stock with its movements, orders with their lines, and so on. \
            Compares the tables, indexes, rules and triggers with those of this version. All on one snapshot \
            while the shop stays open, and on two processors. On a terminal a bar shows the progress.

            Exit code 2 if something is wrong.
            """)

    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let findings = try withShop(for: .wholeTables) { _, store in
            try CheckResult.all(in: store, atOnce: 2)
        }
        if json {
            print(String(decoding: JSONWriter.bytes(of: findings), as: UTF8.self))
        } else {
            for finding in findings { finding.show() }
        }
        guard findings.allSatisfy(\.breaches.isEmpty) else { throw ExitCode(2) }
    }
}
