import ArgumentParser
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

    func run() throws {
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
}
