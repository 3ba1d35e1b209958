import ArgumentParser
import Customers
import Inventory
import Launch
import Sales
import Storage

struct Seed: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fill a shop with demo data, or with synthetic rows for measurements.",
        discussion: """
            The ledgers, the reports and the search contain the new rows as if they had come over HTTP, so `souk \
            check` passes. The same numbers produce the same shop. Synthetic customers are named c1, c2 … and \
            continue the existing numbers. Their password is 'correct horse'. So is that of stockist, a member \
            of staff who receives the stock.
            """)

    @Flag(help: "The demo shop: a dozen products and four accounts, printed with their passwords.")
    var demo = false
    @Option(help: "The number of products.") var products: Int64 = 0
    @Option(help: "The number of customers, each with 100,000,000 minor units in the wallet.")
    var customers: Int64 = 0
    @Option(
        help:
            "The number of orders, each with one to three lines, for the new customers and products."
    )
    var orders: Int64 = 0

    func validate() throws {
        guard products >= 0, customers >= 0, orders >= 0 else {
            throw ValidationError("The numbers must not be negative.")
        }
        guard orders == 0 || products > 0 && customers > 0 else {
            throw ValidationError(
                "Orders need products and customers: give --products and --customers as well.")
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
