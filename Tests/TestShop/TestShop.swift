import Customers
import Foundation
public import HTTP
public import HTTPTypes
import Inventory
import Launch
import Logging
import Outbox
import Sales
import Seeds
public import Service
public import Storage
import Synchronization
import Testing
public import Values

/// A whole shop on a database of its own: the four responders without their sockets.
///
/// It has the customers ada and ben, the moderator mona, the member of staff sami and the admin
/// adil. Ada's wallet holds 100,000, ben's is empty. Product 1 is a pen with 10 in stock at 250.
/// Product 2 is a lamp with 3 in stock at 4,000.
public final class TestShop: Sendable {
    /// The database.
    public let store: any Engine
    /// The database, whose statements the `record` of the shop gets.
    public let recording: any Store
    /// A folder for the test; `souk.db` in it is the database if the engine is SQLite.
    public var folder: URL { database.folder }
    /// The value of `SOUK_DATABASE` for a program that opens the database as well.
    public var databaseSetting: String { database.place }
    /// The clock of the responders.
    public let clock: TestClock

    /// The settings of the shop.
    public let shop: Shop
    let tokens = Mutex<[String: String]>([:])
    private let responders: [Responder]
    let database: ShopDatabase

    /// Opens a shop.
    ///
    /// `showsStock` is `SOUK_SHOW_STOCK`, on by default so that tests can read the stock
    /// anonymously. `record` records every statement of the responders.
    public convenience init(
        on engine: TestEngine = .current, currency: String = "USD",
        payments: PaymentOptions = TestShop.payments, showsStock: Bool = true,
        staffTotp: Bool = false, throttlesLogins: Bool = true,
        passwordCost: PasswordCost = .least, webhookHosts: [String] = [],
        pricesIncludeTax: Bool = true, country: String? = nil, returnDays: Int64 = 14,
        record: StatementRecord? = nil
    ) throws {
        let shop = Shop(
            currency: currency, keys: KeyRing([TestShop.secret]), accessTokenSeconds: 900,
            refreshTokenSeconds: 2_592_000,
            payments: payments, showsStock: showsStock, staffTotp: staffTotp,
            throttlesLogins: throttlesLogins, passwordCost: passwordCost,
            webhookHosts: webhookHosts,
            pricesIncludeTax: pricesIncludeTax, country: country, returnDays: returnDays,
            seller: Seller(name: "Pens Ltd", address: ["Market 1", "York"], taxID: "GB1"))
        let template = engine == .postgresql ? TestShop.onPostgreSQL : TestShop.onSQLite
        let database = try ShopDatabase(on: engine, from: template.get())
        try self.init(shop, on: database, clock: TestClock(), record: record)
        guard passwordCost != .least else { return }
        let hash = try hashPassword(TestShop.password, cost: passwordCost)
        try store.write { try $0.run("UPDATE customers SET password_hash = \(hash)") }
    }

    /// Opens the same shop again on the same database, like a second process.
    public convenience init(beside other: TestShop) throws {
        try self.init(other.shop, on: other.database, clock: other.clock)
    }

    /// Opens the same shop again with another key, like a process after a key rotation whose former
    /// key has expired.
    public convenience init(beside other: TestShop, secret: [UInt8]) throws {
        let shop = Shop(
            currency: "USD", keys: KeyRing([secret]), accessTokenSeconds: 900,
            refreshTokenSeconds: 2_592_000, throttlesLogins: true, passwordCost: .least)
        try self.init(shop, on: other.database, clock: other.clock)
    }

    private init(
        _ shop: Shop, on database: ShopDatabase, clock: TestClock, record: StatementRecord? = nil
    ) throws {
        self.shop = shop
        self.database = database
        self.clock = clock
        store = try database.open()
        let recording: any Store = if let record { RecordingStore(store, record) } else { store }
        self.recording = recording
        responders = ResponderProgram.all.map {
            Responder(
                $0.routes, of: shop, on: recording, authentication: Customers.authentication,
                reclaim: Sales.overdueHolds, clock: { clock.now },
                log: Logger(label: "test"))
        }
    }

    deinit { store.close() }

    /// All payment methods except the one for demos, and the secret of the messages of Stripe.
    public static let payments = PaymentOptions(
        methods: [.wallet, .card, .bankTransfer, .cashOnDelivery],
        stripe: StripeOptions(isLive: false, webhookSecrets: ["whsec_test_secret"]))

    /// The signing key of the shop.
    public static let secret = Array("a key of the tests, not of any shop".utf8)

    /// The password of every account.
    public static let password = "correct horse"

    private static let onSQLite = Result { try template(on: .sqlite) }
    private static let onPostgreSQL = Result { try template(on: .postgresql) }

    /// A prepared database to copy, because it takes long to create all tables.
    private static func template(on engine: TestEngine) throws -> ShopDatabase {
        let database = try ShopDatabase(on: engine)
        let store = try database.open()
        defer { store.close() }
        try schema.migrate(store, at: Instant(milliseconds: 0))
        try stock(store)
        return database
    }

    private static func stock(_ store: any Engine) throws {
        let hash = try hashPassword(password, cost: .least)
        let people: [(String, Role, Int64)] = [
            ("ada", .customer, 100_000), ("ben", .customer, 0), ("mona", .moderator, 0),
            ("sami", .staff, 0),
            ("adil", .admin, 0),
        ]
        try store.write { tx in
            var ids: [String: Int64] = [:]
            for (name, role, balance) in people {
                ids[name] = try addSeedCustomer(
                    name, passwordHash: hash, balance: Money(minorUnits: balance), role: role,
                    at: Instant(milliseconds: 0), in: tx)
            }
            for (name, category, price, stock) in [
                ("pen", "paper", 250, 10), ("lamp", "light", 4000, 3),
            ] {
                _ = try createProduct(
                    ProductDetails(
                        name: name, category: category, price: Money(minorUnits: Int64(price))),
                    stock: Int64(stock), by: ids["sami"] ?? 0, at: Instant(milliseconds: 0), in: tx,
                    currency: "USD")
            }
        }
    }
}

extension TestShop {
    /// Sends a request to the responder that nginx would send it to.
    public func send(_ request: Request) -> Response {
        var response = answer(request)
        // All shops of this process export with the same two slots.
        var tries = 1
        while tries < 500, response.isExportInProgress {
            usleep(10_000)
            response = answer(request)
            tries += 1
        }
        #expect(throws: Never.self) {
            try OpenAPI.read().expectDescription(of: response, to: request)
        }
        return response
    }

    /// Sends a request, and does not compare the response with openapi.yaml.
    public func answer(_ request: Request) -> Response {
        let service = request.path.split(separator: "/").first ?? ""
        let index = ["inventory": 1, "sales": 2, "reviews": 3][service] ?? 0
        return responders[index].answer(request)
    }

    /// Sends `body` as JSON, with the bearer token of `account` if one is named.
    public func send(
        _ method: HTTPRequest.Method, _ target: String, as account: String? = nil,
        _ body: String? = nil,
        fields: HTTPFields = [:], from address: String = "192.0.2.1"
    ) throws -> Response {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        var request = Request(
            method: method, path: parts.first ?? "", query: parts.count > 1 ? parts[1] : "",
            fields: fields,
            id: "00000000000000000000000000000001", address: address)
        if let account { request.fields[.authorization] = "Bearer \(try token(of: account))" }
        if let body {
            request.body = Array(body.utf8)
            if request.fields[.contentType] == nil {
                request.fields[.contentType] = "application/json"
            }
        }
        return send(request)
    }

    /// The violated invariants, as `souk check` reports them.
    public func breaches() throws -> [String] {
        try store.read { tx in
            try (store.integrity + Launch.invariants).flatMap { try $0.find(tx) }
        }
    }

    /// The types of the events about some kinds of resources, such as `order`, oldest first.
    public func eventTypes(of kinds: [String]) throws -> [String] {
        let types = try store.write { tx in
            while try numberEvents(in: tx) > 0 {}
            return try tx.all("SELECT type FROM events ORDER BY position") {
                try $0["type"] as String
            }
        }
        return types.filter { type in kinds.contains { type.hasPrefix($0 + ".") } }
    }

    /// The column `value` of the only row that `sql` selects.
    public func value<T: Storable>(_ sql: SQL) throws -> T {
        guard let row = try store.read({ try $0.first(sql) }) else {
            throw TestFailure(description: "no row: \(sql)")
        }
        return try row["value"]
    }
}

extension Response {
    fileprivate var isExportInProgress: Bool {
        [429, 503].contains(status.code) && text.contains("xport")
            && text.contains("in progress")
    }
}

/// A clock that advances only when a test moves it.
public final class TestClock: Sendable {
    private let milliseconds = Atomic<Int64>(1_795_000_000_000)

    /// Starts at 2026-11-18T11:06:40Z.
    public var now: Instant { Instant(milliseconds: milliseconds.load(ordering: .relaxed)) }

    /// Advances the clock.
    public func pass(seconds: Int64) {
        milliseconds.add(seconds * 1000, ordering: .relaxed)
    }
}

/// The reason why a test could not run.
public struct TestFailure: Error, CustomStringConvertible {
    /// The reason.
    public let description: String

    /// A reason.
    public init(description: String) {
        self.description = description
    }
}
