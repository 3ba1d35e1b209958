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
            that has no SKU, or one that is still free. If that product has another name the line is refused, \
            because the file may be of another shop; --rename takes it. Every fault is told with its line. What \
            `souk export` prints can be read back.

            The file is read and compared with the shop first, which holds nobody up. What is new is then written \
            in one transaction. Reading goes on meanwhile, and whoever buys waits, or is told after five seconds to \
            come again (503): 100,000 new products took 27 seconds on a busy machine with two cores, and as many \
            new prices 10. With --batch 200 buyers get their turn after each 200, so that none of them waited for longer \
            than 0.6 seconds, and it takes twice as long. What is found wrong beforehand still keeps all of the file \
            out. Only if the shop changes meanwhile so that a line can no longer be taken, or if the import is \
            killed, do the batches before it stay; to import the file again goes on from there.
            """)

    @Argument(help: "The file, in UTF-8.") var file: String
    @Option(name: .customLong("as"), help: "The account that is entered in the stock ledger.")
    var actor: String
    @Flag(help: "A line that goes by its id may give the product another name.") var rename = false
    @Option(help: "How many products are taken at once, instead of all of the file.") var batch:
        Int?
    @Flag(help: "Find out what would be done, and change nothing.") var dryRun = false

    func validate() throws {
        if let batch, batch < 1 { throw ValidationError("A batch has at least one product.") }
    }

    func run() throws {
        try withShop(for: .wholeTables) { settings, store in
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Failure(description: "The file \(file) cannot be read.")
            }
            guard let actor = try store.read({ try customerID(of: self.actor, in: $0) }) else {
                throw Failure(description: "There is no account \(self.actor).")
            }
            let result = try importProducts(
                Array(data), by: actor, at: .now(), on: store, currency: settings.currency,
                rules: ImportRules(renames: rename, batch: batch),
                end: dryRun ? .rollback : .commit, progress: showProgress)
            if !dryRun { try store.merge(productSearch) }
            print(
                "\(dryRun ? "would create" : "created") \(result.created),",
                "\(dryRun ? "would update" : "updated") \(result.updated),",
                "unchanged \(result.unchanged)")
        }
    }
}
