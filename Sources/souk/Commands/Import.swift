import ArgumentParser
import Customers
import FoundationEssentials
import Inventory
import Launch
import Service
import Storage

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Creates or updates products from a CSV file, all of it or nothing.",
        discussion: """
            The first line names the columns: sku, name, category and price are required; id, stock, \
            exported_stock, low_stock and description are optional. Case does not matter. Commas, semicolons or \
            tabs separate the fields, whichever the first line has most of, or the one that a line sep=; names. \
            price is in minor units, such as 450. A column price_decimal instead of it has amounts such as 4.50, or \
            4,50 in a file that commas do not separate. Every fault is reported with its line.

            A product is known by its SKU. In a line without one its id counts: that of a product that has no SKU, \
            or one that is free. If that product has another name the line is refused, because the file may be from \
            another shop; --rename accepts it. An empty optional field empties it; a column that is left out leaves \
            it as it is.

            A new product gets its stock from the file. Known products keep theirs, because pieces may have been \
            sold since the file was made. With --set-stock they get the stock of the file. A file from `souk export` \
            repeats the stock in exported_stock: a line whose stock is unedited then changes nothing, and one whose \
            product has moved since the export is refused. The stock ledger has the file's name as the reason.

            The file is read and compared with the shop first, which blocks nobody. New values are then written in \
            one transaction. Other requests read meanwhile; writes wait, and get a 503 after five seconds: 100,000 \
            new products took 27 seconds on a busy machine with two cores, and 100,000 new prices 10. With \
            --batch 200 other writes run after every 200 products. None of them waited for more than 0.6 seconds, and \
            the import took twice as long. Faults that the comparison finds still keep all of the file out. If the \
            shop changes meanwhile so that a line is refused, or the import is killed, the batches before it stay. \
            Import the file again to go on.
            """)

    @Argument(help: "The file, in UTF-8, or in UTF-16 with a byte order mark.") var file: String
    @Option(
        name: .customLong("as"),
        help: "The account to enter in the stock ledger: active, and staff or admin.")
    var actor: String
    @Flag(help: "Set the stock of known products to that of the file.") var setStock = false
    @Flag(help: "A line that goes by its id may give the product another name.") var rename = false
    @Option(help: "The encoding of the file, such as windows-1252.") var encoding: String?
    @Option(help: "How many products to write at once, instead of all of the file.") var batch: Int?
    @Flag(help: "Find out what would be done, and change nothing.") var dryRun = false

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
                    "note: products that keep a stock other than the file's: \(result.keptStock); --set-stock sets it"
                )
            }
        }
    }

    /// What the stock ledger gives as the reason: one line, as short as any other.
    private var reason: String {
        let name = file.utf8.split(separator: UInt8(ascii: "/")).last.map { Substring($0) } ?? ""
        let printable = name.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        return "import of " + String(String.UnicodeScalarView(printable.prefix(200)))
    }
}
