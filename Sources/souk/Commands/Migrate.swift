import ArgumentParser
import FoundationEssentials
import Glibc
import Launch
import Sales
import Storage

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Migrate the database to the schema of this version.",
        discussion: """
            Creates the database if it does not exist. A second run changes nothing.

            If SOUK_TIME_ZONE has changed, the reports are recomputed from all orders and refunds for the days \
            of the new zone. A responder with the new setting starts only after that.
            """)

    @Flag(help: "Print the pending migrations, and change nothing.") var dryRun = false

    func run() throws {
        guard !dryRun else { return try inWords(showPending) }
        // Creating an index on a large table sorts that table.
        try withShop(create: true, for: .wholeTables) { settings, store in
            let names = try schema.migrate(store, at: .now())
            for name in names { print("migrated: \(name)") }
            let zone = settings.timeZone
            let isNewZone = try store.write { try setReportZone(zone, in: $0) }
            if isNewZone { print("time zone: reports show the days of \(zone.name)") }
            if names.isEmpty && !isNewZone {
                print("nothing to migrate: \(settings.database) is at version \(schema.count)")
            }
        }
    }
    private func showPending() throws {
        let settings = try Settings(ProcessInfo.processInfo.environment)
        let isNewFile = settings.databaseFile.map { access($0, F_OK) != 0 } ?? false
        // Opening a file that does not exist would create it.
        let applied = isNewFile ? [] : try applied(settings)
        if applied.isEmpty { print("the database is new") }
        let pending = schema.map(\.name).filter { !applied.contains($0) }
        for name in pending { print("pending: \(name)") }
        if pending.isEmpty { print("nothing to migrate") }
    }

    private func applied(_ settings: Settings) throws -> [String] {
        let store = try openStore(settings)
        defer { store.close() }
        return try store.isShop() ? schema.applied(to: store).map(\.name) : []
    }
}
