import ArgumentParser
import Launch
import Storage

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings the database to the schema of this version.",
        discussion: "Makes the database if there is none. A second run changes nothing.")

    func run() throws {
        // A new index on a large table is a large sort.
        try withShop(create: true, for: .wholeTables) { settings, store in
            let names = try schema.migrate(store, at: .now())
            for name in names { print("migrated: \(name)") }
            if names.isEmpty {
                print("nothing to migrate: \(settings.database) is at version \(schema.count)")
            }
        }
    }
}
