import ArgumentParser
import Inventory
import Launch

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints every product on sale as CSV.",
        discussion:
            """
            The file is a snapshot of one moment; the shop goes on meanwhile. `souk import` reads it back. \
            exported_stock repeats the stock, so that the import can tell which stocks were edited. Texts that a \
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
