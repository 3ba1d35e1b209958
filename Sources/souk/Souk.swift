import ArgumentParser
import FoundationEssentials
import HTTP
import Inventory
import Launch
import Storage

/// The operator's command.
@main
struct Souk: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "souk",
        abstract: "Manage a shop from the command line.",
        discussion: """
            Settings come from the environment (`souk settings` lists them).

            Exit codes: 0 success; 1 rejected or failed, with a message on standard error; 2 the shop (`check`) \
            or a copy (`backup`, `restore`) violates a rule; 64 an invalid command line.
            """,
        version: Launch.version,
        subcommands: [
            Migrate.self, CheckDatabase.self, User.self, Keys.self, Import.self, Export.self,
            PrintEvents.self, Backup.self, Restore.self, CopyShop.self, Seed.self, Jobs.self,
            MailCommand.self, PaymentCommands.self, InvoiceCommands.self,
            ShowSettings.self, ListResponders.self, ListDaemons.self, ShowVersion.self,
        ])
}

/// Opens the shop that the environment names and runs `body` on it.
///
/// An error ends the command with a message and exit code 1. The schema must be that of this
/// version, unless `create` is set.
func withShop<T>(
    create: Bool = false, for workload: Workload = .requests,
    _ body: (Settings, any Engine) throws -> T
) throws -> T {
    try inWords {
        let settings = try Settings(ProcessInfo.processInfo.environment)
        let store = try openStore(settings, create: create, for: workload)
        defer { store.close() }
        if !create { try schema.verify(store) }
        return try body(settings, store)
    }
}

/// Runs `body`, and turns a `Problem` into a message for the operator.
func inWords<T>(_ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch let problem as Problem {
        let faults = problem.faults.map { "\($0.field) \($0.message)." }
        throw Failure(description: ([problem.detail] + faults).joined(separator: "\n"))
    }
}

/// The reason why a command failed, as a sentence.
struct Failure: Error, CustomStringConvertible {
    let description: String
}
