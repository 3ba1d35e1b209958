import ArgumentParser
import Inventory
import Launch

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints every product on sale as CSV.",
        discussion:
            """
            All of it is of one moment, while the shop goes on. `souk import` reads it back. Texts are as they \
            are: a spreadsheet may take one that begins with = for a formula.
            """)

    func run() throws {
        try withShop { _, store in
            try store.read { tx in
                try exportProducts(in: tx) { print($0, terminator: "") }
            }
        }
    }
}
