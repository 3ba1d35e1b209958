import ArgumentParser
import Launch
import Sales
import Storage

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings the database to the schema of this version.",
        discussion: """
            Makes the database if there is none. A second run changes nothing.

            If SOUK_TIME_ZONE has changed, sums all orders and refunds by the days of the new zone. \
            A responder that has the new setting does not start before that.
            """)

    func run() throws {
        // A new index on a large table is a large sort.
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
