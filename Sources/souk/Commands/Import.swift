import ArgumentParser
import Customers
import FoundationEssentials
import Inventory
import Launch
import Service
import Storage

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create or update products from a CSV file, completely or not at all.",
        discussion: """
            The first line names the columns: sku, name, category and price are required; id, stock, \
            exported_stock, low_stock, weight_g, requires_shipping, tax_class and description are optional. \
            Case does not matter. Fields are separated by commas, semicolons or tabs: by the sign that a first line \
            such as sep=; names, or else by the most frequent one in the first line. price is in minor units, such as \
            450. The column price_decimal can replace it, with amounts such as 4.50, or 4,50 in a file that is not \
            separated by commas. Every fault is reported with its line.

            A SKU identifies its product. A line without a SKU needs an id: that of a product without a SKU, or an \
            unused one. If that product has another name, the line is rejected, because the file may be from another \
            shop; --rename accepts it. An empty optional field removes the value; a missing column leaves it unchanged.

            A new product gets its stock from the file. Known products keep theirs, because units may have been \
            sold since the file was made. With --set-stock they get the stock of the file. A file from `souk \
            export` repeats the stock in exported_stock. A line whose stock was not edited then changes no stock. \
            An edited line is rejected if the stock has changed since the export. The stock ledger gives the file's \
            name as the reason.

            The file is first read and compared with the shop, while other writes continue. If that finds a fault, \
            nothing is imported. Then the new values are written in one transaction. Reads continue; other writes \
            wait, and fail with a 503 after five seconds. 100,000 new products took 27 seconds on a busy machine with \
            two cores, and 100,000 new prices 10. With --batch 200, other writes run after every 200 products. None \
            of them waited for more than 0.6 seconds, and the import took twice as long. If the shop changes \
            meanwhile so that a line is rejected, or the import is killed, the earlier batches stay. Import the file \
            again to continue.
            """)

    @Argument(help: "The file, in UTF-8, or in UTF-16 with a byte order mark.") var file: String
    @Option(
        name: .customLong("as"),
        help: "The account that the stock ledger names: active, and staff or admin.")
    var actor: String
    @Flag(help: "Set the stock of known products to that in the file.") var setStock = false
    @Flag(help: "Allow a line without a SKU to rename the product with its id.") var rename = false
    @Option(help: "The encoding of the file, such as windows-1252.") var encoding: String?
    @Option(help: "How many products to write in one transaction; all by default.") var batch: Int?
    @Flag(help: "Print what would be done, and change nothing.") var dryRun = false

    func validate() throws {
        if let batch, batch < 1 { throw ValidationError("A batch must have at least one product.") }
    }

    func run() throws {
        try withShop(for: .wholeTables) { settings, store in
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Failure(description: "The file \(file) cannot be read.")
            }
            let actor = try store.read { try staffAccount(named: self.actor.folded, in: $0) }
            let result = try importProducts(
                Array(data), named: reason, by: actor, at: .now(), on: store,
                currency: settings.currency,
                rules: ImportRules(
                    renames: rename, batch: batch, setsStock: setStock, encoding: encoding),
                end: dryRun ? .rollback : .commit, progress: showProgress)
            if !dryRun { try store.merge(productSearch) }
            print(
                "\(dryRun ? "would create" : "created") \(result.created),",
                "\(dryRun ? "would update" : "updated") \(result.updated),",
                "unchanged \(result.unchanged)")
            if result.keptStock > 0 {
                printError(
                    "note: products whose stock differs from the file and was kept: "
                        + "\(result.keptStock); --set-stock changes it"
                )
            }
        }
    }

    /// The reason in the stock ledger: one line, with the length limit of other reasons.
    private var reason: String {
        let name = file.utf8.split(separator: UInt8(ascii: "/")).last.map { Substring($0) } ?? ""
        let printable = name.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        return "import of " + String(String.UnicodeScalarView(printable.prefix(200)))
    }
}
