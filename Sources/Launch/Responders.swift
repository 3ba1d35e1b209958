import Customers
import Events
import Inventory
import Reviews
import Sales
public import Service
import Webhooks
import Wishlist

/// A responder of the shop: the program `<name>d`, which listens on the socket `<name>.sock`.
public struct ResponderProgram: Sendable {
    /// The name in its paths, socket and systemd instance: `sales`.
    public let name: StaticString
    /// Its routes, except those for health and metrics.
    public let routes: [Route]
    /// The number of worker threads beyond `SOUK_WORKERS`, for handlers that wait for each other.
    var extraWorkers = 0
    /// Metrics that no other responder has.
    var gauges: [Gauge] = []

    /// The program's name: `salesd`.
    public var processName: String { "\(name)d" }
}

extension ResponderProgram {
    /// The responders of a shop.
    ///
    /// This is the only list. `souk responders` prints the names for scripts, and a test compares
    /// nginx's upstreams and the systemd target with it.
    public static let all = [customers, inventory, sales, reviews]

    /// Accounts, sessions, wallets, wishlists, events and webhooks.
    ///
    /// Up to 100 requests wait in the password hash queue, each on a thread.
    public static let customers = ResponderProgram(
        name: "customers",
        routes: Customers.routes(
            with: Sales.personalData + Wishlist.personalData + Reviews.personalData
                + Events.personalData + Webhooks.personalData)
            + Wishlist.routes + Events.routes + Webhooks.routes,
        extraWorkers: 100,
        gauges: [
            Gauge("souk_password_hashes_running", "Password hashes in progress.") {
                Customers.hashQueueState().running
            },
            Gauge("souk_password_hashes_waiting", "Requests in the password hash queue.") {
                Customers.hashQueueState().waiting
            },
        ])

    /// Products and their stock.
    public static let inventory = ResponderProgram(name: "inventory", routes: Inventory.routes)

    /// Orders and reports.
    ///
    /// Orders that wait for the disk are committed together. More waiting orders make each COMMIT
    /// complete more of them.
    public static let sales = ResponderProgram(
        name: "sales", routes: Sales.routes(with: [Reviews.returnObserver]), extraWorkers: 56)

    /// Reviews and their moderation.
    public static let reviews = ResponderProgram(name: "reviews", routes: Reviews.routes)
}
