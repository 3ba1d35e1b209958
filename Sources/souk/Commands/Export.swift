import ArgumentParser
import Inventory
import Launch

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print every product on sale as CSV.",
        discussion:
            """
            The export is a snapshot of one moment, and the shop keeps running. `souk import` reads it back. \
            exported_stock repeats the stock, so that the import can see which stocks were edited. Texts that a \
            spreadsheet would run as a formula begin with an apostrophe, which the import removes.
            """)

    func run() throws {
        try withShop { _, store in
            try store.read { tx in
                try exportProducts(in: tx) { print($0, terminator: "") }
            }
        }
    }
}
