import ArgumentParser
import Customers
import Inventory
import Launch
import Sales
import Storage
import StorageSQLite

struct Seed: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fills a shop: with a few things to try, or with any number of them to measure.",
        discussion: """
            Whatever is made is in the ledgers, reports and the search as if it had come over HTTP, so `souk \
            check` holds. The same numbers give the same shop. Synthetic customers are called c1, c2 … and go on from the last \
            one's number. They all have the password 'correct horse', and so has stockist, a member of staff \
            who receives the goods.
            """)

    @Flag(help: "The demo shop: a dozen products and four accounts, printed with their passwords.")
    var demo = false
    @Option(help: "How many products.") var products: Int64 = 0
    @Option(help: "How many customers, each with 100 000 000 minor units in the wallet.")
    var customers: Int64 = 0
    @Option(help: "How many orders of one to three lines, by customers and of products made here.")
    var orders: Int64 = 0

    func validate() throws {
        guard products >= 0, customers >= 0, orders >= 0 else {
            throw ValidationError("The numbers must not be negative.")
        }
        guard orders == 0 || products > 0 && customers > 0 else {
            throw ValidationError(
                "Orders take products and customers: give --products and --customers as well.")
        }
        guard demo || products + customers + orders > 0 else {
            throw ValidationError(
                "Nothing to do: give --demo, --products, --customers or --orders.")
        }
    }

    func run() throws {
        try withShop(for: .wholeTables) { settings, store in
            if demo { try openDemoShop(on: store, currency: settings.currency) }
            let all = products + customers + orders
            guard all > 0 else { return }
            var crowd = SyntheticShop(store: store, currency: settings.currency, all: all)
            let people = try crowd.addCustomers(customers)
            let goods = try crowd.addProducts(products, by: try crowd.stockist())
            if let people, let goods { try crowd.addOrders(orders, by: people, of: goods) }
            try store.merge(productSearch)
            print("seeded \(products) products, \(customers) customers, \(orders) orders")
        }
    }
}
