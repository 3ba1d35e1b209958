import ArgumentParser
import Customers
import FoundationEssentials
import Inventory
import Launch
import Storage

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Creates or updates products by SKU from a CSV file, all of it or nothing.",
        discussion: """
            The first line names the columns: sku, name, category and price; also stock, low_stock and \
            description. Every fault is told with its line. What `souk export` prints can be read back.
            """)

    @Argument(help: "The file, in UTF-8.") var file: String
    @Option(name: .customLong("as"), help: "The account that is entered in the stock ledger.")
    var actor: String
    @Flag(help: "Try it, and change nothing.") var dryRun = false

    func run() throws {
        try withShop { settings, store in
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Failure(description: "The file \(file) cannot be read.")
            }
            guard let actor = try store.read({ try customerID(of: self.actor, in: $0) }) else {
                throw Failure(description: "There is no account \(self.actor).")
            }
            let result = try importProducts(
                Array(data), by: actor, at: .now(), on: store, currency: settings.currency,
                end: dryRun ? .rollback : .commit, progress: showProgress)
            print(
                "\(dryRun ? "would create" : "created") \(result.created),",
                "\(dryRun ? "would update" : "updated") \(result.updated)")
        }
    }
}
