import ArgumentParser
import FoundationEssentials
import Glibc
import Launch
import Storage

struct CopyShop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy a shop to another database, such as from SQLite to PostgreSQL.",
        discussion: """
            SOURCE and TARGET are paths or postgresql:// URLs. The target must be empty, or a file that does not \
            exist. The copy is one snapshot of the source, which may be in use. Later changes of the source are \
            not in the copy, so stop the responders first if you move a shop.

            Everything is copied: accounts, sessions, orders, ledgers and idempotency keys. Afterwards the number \
            of rows and a digest of each table are compared, and both databases are checked as by `souk check`. \
            If anything differs, the target stays empty.

            Exit code 2 if the source violates a rule.
            """)

    @Argument(help: "The database to copy.") var source: String
    @Argument(help: "The empty database to fill.") var target: String

    func run() throws {
        try inWords {
            let from = try open(source, create: false)
            defer { from.close() }
            try schema.verify(from)
            let isNewFile = access(target, F_OK) != 0
            let to = try open(target, create: true)
            var isDone = false
            defer {
                to.close()
                if isNewFile && !isDone { removeDatabase(target) }
            }
            guard try to.tables().isEmpty else {
                throw Failure(description: "\(to.name) is not empty.")
            }
            let begun = ContinuousClock.now
            let copied = try ShopCopy(from: from, to: to).run()
            isDone = true
            for table in copied { print("\(table.name.padded(to: 26)) \(table.rows)") }
            let rows = copied.reduce(0) { $0 + $1.rows }
            let seconds = ((ContinuousClock.now - begun) / .seconds(1)).rounded()
            print("copied \(rows) rows in \(Int(seconds)) s")
        }
    }

    private func open(_ database: String, create: Bool) throws -> any Engine {
        var settings = try Settings(ProcessInfo.processInfo.environment)
        settings.database = database
        return try openStore(settings, create: create, for: .wholeTables)
    }

    /// Removes an incomplete database file; a server has rolled everything back.
    private func removeDatabase(_ file: String) {
        for suffix in ["", "-wal", "-shm", ".lock"] { unlink(file + suffix) }
    }
}

/// A copied table.
struct CopiedTable: Sendable {
    let name: String
    let rows: Int
}

/// The copy of a shop in one transaction of the target.
private struct ShopCopy: Sendable {
    let from: any Engine
    let to: any Engine

    func run() throws -> [CopiedTable] {
        try to.write { target in
            try from.read { source in
                let broken = try breaches(of: from, in: source)
                guard broken.isEmpty else {
                    throw refusal("\(from.name) violates these rules: \(broken)")
                }
                try schema.migrate(in: target, at: .now())
                let copied = try copyTables(from: source, to: target)
                try to.setLastNumbers(from.lastNumbers(in: source), in: target)
                let new = try breaches(of: to, in: target)
                guard new.isEmpty else {
                    throw Failure(description: "The copy violates these rules: \(new)")
                }
                return copied
            }
        }
    }

    private func copyTables(from source: any Transaction, to target: any Transaction) throws
        -> [CopiedTable]
    {
        let tables = try from.dataTables(in: source)
        let expected = try to.dataTables(in: target)
        guard Set(tables) == Set(expected) else {
            throw Failure(description: "The tables of both databases differ.")
        }
        return try expected.enumerated().map { index, table in
            var sent = TableDigest()
            try to.loadRows(into: table, in: target) { add in
                try from.readRows(of: table, in: source) {
                    sent.add($0)
                    try add($0)
                }
            }
            var stored = TableDigest()
            try to.readRows(of: table, in: target) { stored.add($0) }
            guard stored == sent else {
                throw Failure(
                    description: """
                        The table \(table.name) differs: \(sent.rows) rows were sent, \
                        \(stored.rows) are stored.
                        """)
            }
            showProgress(index + 1, expected.count)
            return CopiedTable(name: table.name, rows: sent.rows)
        }
    }

    private func breaches(of engine: any Engine, in tx: any Transaction) throws -> String {
        let rules = try (engine.integrity + invariants).filter { try !$0.find(tx).isEmpty }
        return rules.map(\.sentence).joined(separator: " ")
    }
}

/// The number of rows of a table, and a hash of their values that does not depend on their order.
private struct TableDigest: Equatable {
    private(set) var rows = 0
    private var sum: UInt64 = 0

    mutating func add(_ row: [Value]) {
        rows += 1
        var hash: UInt64 = 0
        for value in row {
            switch value {
            case .null: hash = TableDigest.mixed(hash &+ 1)
            case .integer(let number):
                hash = TableDigest.mixed(hash ^ UInt64(bitPattern: number))
            case .text(let text):
                hash = TableDigest.mixed(hash &+ 2 &+ UInt64(text.utf8.count))
                for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
                hash = TableDigest.mixed(hash)
            }
        }
        sum &+= hash
    }

    /// Scrambles a number with splitmix64. https://prng.di.unimi.it/splitmix64.c
    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
