import ArgumentParser
import Invoices
import Values

struct InvoiceCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invoices", abstract: "Manage the numbers of invoices.",
        subcommands: [NewInvoiceSeries.self])
}

struct NewInvoiceSeries: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new-series",
        abstract: "Begin a new series of numbers with the next invoice.",
        discussion: """
            Run it before the shop starts on a database that was set back without `souk restore`: by a snapshot of \
            the machine or its disk, or by cp. Otherwise the shop gives numbers that lost invoices already have.
            """)

    func run() throws {
        try withShop { _, store in
            guard let last = try endInvoiceSeries(at: .now(), on: store) else {
                throw Failure(
                    description: "The next invoice begins a new series anyway. Nothing was changed."
                )
            }
            print("the next invoice begins a new series; the last of the former one is \(last)")
        }
    }
}
