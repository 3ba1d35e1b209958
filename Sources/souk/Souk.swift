import ArgumentParser
import FoundationEssentials
import HTTP
import Inventory
import Launch
import Storage
import StorageSQLite

/// The operator's command.
@main
struct Souk: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "souk",
        abstract: "Runs a shop from the command line.",
        discussion: """
            Settings come from the environment (`souk settings` lists them).

            Exit codes: 0 done; 1 refused or failed, with a sentence on standard error; 2 something is \
            broken in the shop (`check`) or in a copy (`backup`, `restore`); 64 a wrong command line.
            """,
        version: Launch.version,
        subcommands: [
            Migrate.self, CheckDatabase.self, User.self, Keys.self, Import.self, Export.self,
            Backup.self,
            Restore.self, Seed.self, ShowSettings.self, ListResponders.self,
            ShowVersion.self,
        ])
}

/// Opens the shop that the environment names and runs `body` on it; what goes wrong becomes a
/// sentence and exit code 1.
///
/// The schema must be this program's, unless the database may be made.
func withShop<T>(
    create: Bool = false, for workload: Workload = .requests,
    _ body: (Settings, SQLiteStore) throws -> T
) throws -> T {
    try inWords {
        let settings = try Settings(ProcessInfo.processInfo.environment)
        let store = try openStore(settings, create: create, for: workload)
        defer { store.close() }
        if !create { try schema.verify(store) }
        return try body(settings, store)
    }
}

/// Runs `body`; what it throws is told in sentences made for people.
func inWords<T>(_ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch let problem as Problem {
        let faults = problem.faults.map { "\($0.field) \($0.message)." }
        throw Failure(description: ([problem.detail] + faults).joined(separator: "\n"))
    }
}

/// Why a command did not do what it was asked, as a sentence.
struct Failure: Error, CustomStringConvertible {
    let description: String
}
