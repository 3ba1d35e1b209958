import ArgumentParser
import Customers
import FoundationEssentials
import Inventory
import Launch
import Storage

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Creates or updates products from a CSV file, all of it or nothing.",
        discussion: """
            The first line names the columns: sku, name, category and price; also id, stock, low_stock and \
            description. A product is known by its SKU. A line without one goes by its id: that of a product \
            that has no SKU, or one that is still free. Every fault is told with its line. What `souk export` \
            prints can be read back.

            The shop goes on selling. Who buys, while what is new is written, waits until it is: a few seconds \
            for 100,000 new products, none for lines that change nothing.
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
                "\(dryRun ? "would update" : "updated") \(result.updated),",
                "unchanged \(result.unchanged)")
        }
    }
}
