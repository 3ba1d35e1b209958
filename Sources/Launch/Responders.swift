import Carts
import Coupons
public import Courier
import Customers
import Events
import GiftCards
import Inventory
import Invoices
import Payments
import Reviews
import Sales
public import Service
import Shipping
import Taxes
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
    /// The number of worker threads instead of `SOUK_WORKERS`.
    var ownWorkers: Int?
    /// Metrics that no other responder has.
    var gauges: [Gauge] = []
    /// What the courier does besides answering requests.
    var tasks: (@Sendable (Settings, CourierOwner) throws -> CourierTasks)?

    /// The program's name: `salesd`.
    public var processName: String { "\(name)d" }
}

extension ResponderProgram {
    /// The responders of a shop.
    ///
    /// This list and `daemons` are the only ones. `souk responders` and `souk daemons` print the
    /// names for scripts, and a test compares nginx's upstreams and the systemd target with them.
    public static let all = [customers, inventory, sales, reviews]

    /// All programs of a shop that run all the time: the responders and the courier.
    public static let daemons = all + [courier]

    /// Accounts, sessions, wallets, wishlists, events and webhooks.
    ///
    /// Up to 100 requests wait in the password hash queue, each on a thread.
    public static let customers = ResponderProgram(
        name: "customers",
        routes: Customers.routes(
            with: Sales.personalData + Wishlist.personalData + Reviews.personalData
                + Events.personalData + Webhooks.personalData + Coupons.personalData
                + GiftCards.personalData + Payments.personalData + Invoices.personalData
                + Carts.personalData,
            claiming: Sales.guestClaim)
            + GiftCards.walletRoutes + Wishlist.routes + Events.routes + Webhooks.routes
            + Payments.walletRoutes,
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

    /// Carts, orders, invoices and reports, shipping methods, tax rates, coupons and gift cards.
    ///
    /// Orders that wait for the disk are committed together. More waiting orders make each COMMIT
    /// complete more of them.
    public static let sales = ResponderProgram(
        name: "sales",
        routes: Sales.routes(with: [Reviews.returnObserver]) + Shipping.routes + Taxes.routes
            + Coupons.routes + GiftCards.routes
            + Payments.salesRoutes(with: Sales.paymentObserver, for: .payer) + Invoices.routes
            + Carts.routes,
        extraWorkers: 56,
        gauges: [
            Gauge(
                counting: "souk_stripe_messages_refused_total",
                "Messages of Stripe without a valid signature."
            ) { StripeMessageCounts.refused },
            Gauge(
                counting: "souk_stripe_messages_ignored_total",
                "Messages of Stripe of the other mode, or of a type that does not concern the shop."
            ) { StripeMessageCounts.ignored },
            Gauge(
                counting: "souk_stripe_messages_unmatched_total",
                "Messages of Stripe about payments that the shop does not know."
            ) { StripeMessageCounts.unmatched },
        ])

    /// Reviews and their moderation.
    public static let reviews = ResponderProgram(name: "reviews", routes: Reviews.routes)

    /// The program that does the jobs of the shop: messages and calls of other programs.
    ///
    /// It listens only for its health and metrics.
    public static let courier = ResponderProgram(
        name: "courier", routes: [], ownWorkers: 2,
        tasks: { settings, owner in
            var tasks = CourierTasks(
                for: owner, mail: try settings.mail.sender(for: owner.shop),
                webhooks: RetrySchedule(settings.webhookRetrySeconds),
                allowing: settings.webhookHosts, payments: try settings.paymentProviders())
            // The responders read the record of a SQLite database, which is a file.
            if settings.databaseFile == nil { tasks.gauges += BackupResult.gauges }
            return tasks
        })

    /// A courier with other tasks, for tests.
    public static func courier(
        doing tasks: @escaping @Sendable (CourierOwner) throws -> CourierTasks
    ) -> ResponderProgram {
        ResponderProgram(
            name: "courier", routes: [], ownWorkers: 2,
            tasks: { _, owner in try tasks(owner) })
    }
}
