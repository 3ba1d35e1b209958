import ArgumentParser
import HTTP
import Launch
import Service
import Storage
import StorageSQLite

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks for anything in the shop that cannot be true.",
        discussion: """
            Wallets against their ledgers, stock against its movements, orders against their lines, and so on, \
            all on one snapshot while the shop goes on selling, and on two processors. A bar on a terminal shows \
            how much has been looked at. Exit code 2 if something is broken.
            """)

    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let findings = try withShop(for: .wholeTables) { _, store in
            try Finding.all(in: store, atOnce: 2)
        }
        if json {
            print(String(decoding: JSONWriter.bytes(of: findings), as: UTF8.self))
        } else {
            for finding in findings { finding.show() }
        }
        guard findings.allSatisfy(\.breaches.isEmpty) else { throw ExitCode(2) }
    }
}
