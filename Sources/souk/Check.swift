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
            all on one snapshot while the shop goes on selling. Exit code 2 if something is broken.
            """)

    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let findings = try withShop { _, store in
            try store.read { tx in try Finding.all(in: tx) }
        }
        if json {
            print(String(decoding: JSONWriter.bytes(of: findings), as: UTF8.self))
        } else {
            for finding in findings { finding.show() }
        }
        guard findings.allSatisfy(\.breaches.isEmpty) else { throw ExitCode(2) }
    }
}

/// An invariant, and where it does not hold: the first hundred places.
private struct Finding: JSONWritable {
    let sentence: String
    let breaches: [String]

    static func all(in tx: any Transaction) throws -> [Finding] {
        let integrity = SQLiteStore.integrity.map { Invariant($0.sentence, breaches: $0.breaches) }
        return try (integrity + invariants).map { invariant in
            let rows = try tx.all("\(invariant.breaches) LIMIT 100") { try $0["subject"] as String }
            return Finding(sentence: invariant.sentence, breaches: rows)
        }
    }

    func show() {
        print("\(breaches.isEmpty ? "ok    " : "BROKEN") \(sentence)")
        for breach in breaches { print("       \(breach)") }
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("invariant", sentence)
            $0.field("holds", breaches.isEmpty)
            $0.field("breaches", breaches)
        }
    }
}
