import Customers
import Foundation
public import HTTP
public import HTTPTypes
import Inventory
import Launch
import Logging
import Seeds
import Service
public import Storage
public import StorageSQLite
import Synchronization
import Testing
public import Values

/// A whole shop on a SQLite file of its own: the four responders as their daemons build them,
/// without the sockets.
///
/// It opens with a customer ada, another customer ben, a moderator mona, a member of staff sami and
/// an admin adil. Ada's wallet holds 100 000, ben's nothing. There are two products: 1 is a pen, 10
/// pieces at 250; 2 is a lamp, 3 pieces at 4 000.
public final class TestShop: Sendable {
    /// The database, on disk.
    public let store: SQLiteStore
    /// The folder that holds it.
    public let folder: URL
    /// What the responders take for the time.
    public let clock: TestClock

    let shop: Shop
    let tokens = Mutex<[String: String]>([:])
    private let responders: [Responder]
    /// Who made the folder, and takes it away.
    private let owner: TestShop?

    /// Opens a shop.
    ///
    /// `showsStock` is `SOUK_SHOW_STOCK`, on here so that a test of anything else can read the stock
    /// as anybody. Only the first in a process pays for the passwords' hash. `record` notes every statement
    /// that the responders run.
    public convenience init(
        selfCharge: Bool = false, showsStock: Bool = true, throttlesLogins: Bool = true,
        record: StatementRecord? = nil
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "souk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let shop = Shop(
            currency: "USD", keys: KeyRing([TestShop.secret]), accessTokenSeconds: 900,
            refreshTokenSeconds: 2_592_000,
            selfCharge: selfCharge, showsStock: showsStock, throttlesLogins: throttlesLogins)
        try self.init(shop, in: folder, record: record)
        try schema.migrate(store, at: Instant(milliseconds: 0))
        try TestShop.stock(store)
    }

    /// Opens the same shop once more, on the same file, as a second process does.
    public convenience init(beside other: TestShop) throws {
        try self.init(other.shop, in: other.folder, owner: other)
    }

    private init(
        _ shop: Shop, in folder: URL, owner: TestShop? = nil, record: StatementRecord? = nil
    ) throws {
        self.shop = shop
        self.folder = folder
        self.owner = owner
        clock = owner?.clock ?? TestClock()
        store = try SQLiteStore(
            path: folder.appending(path: "souk.db").path, create: owner == nil)
        let (store, clock) = (store, clock)
        let seen: any Store = record.map { RecordingStore(store, $0) } ?? store
        responders = ResponderProgram.all.map {
            Responder(
                $0.routes, of: shop, on: seen, authenticate: Customers.caller,
                clock: { clock.now },
                log: Logger(label: "test"))
        }
    }

    deinit {
        store.close()
        if owner == nil { try? FileManager.default.removeItem(at: folder) }
    }

    /// The key under which the shop signs.
    public static let secret = Array("a key of the tests, not of any shop".utf8)

    /// Everybody's password.
    public static let password = "correct horse"

    private static let hash = Result { try hashedSeedPassword() }

    private static func stock(_ store: SQLiteStore) throws {
        let hash = try hash.get()
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
        let service = request.path.split(separator: "/").first ?? ""
        let index = ["inventory": 1, "sales": 2, "reviews": 3][service] ?? 0
        let response = responders[index].answer(request)
        #expect(throws: Never.self) {
            try OpenAPI.read().expectDescription(of: response, to: request)
        }
        return response
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

    /// What `souk check` would find broken.
    public func breaches() throws -> [String] {
        let integrity = SQLiteStore.integrity.map { Invariant($0.sentence, breaches: $0.breaches) }
        return try store.read { tx in
            try (integrity + Launch.invariants).flatMap { try $0.find(in: tx) }
        }
    }

    /// The first column, called `value`, of the one row that `sql` selects.
    public func value<T: Storable>(_ sql: SQL) throws -> T {
        guard let row = try store.read({ try $0.first(sql) }) else {
            throw TestFailure(description: "no row: \(sql)")
        }
        return try row["value"]
    }
}

/// A clock that stands still until a test moves it.
public final class TestClock: Sendable {
    private let milliseconds = Atomic<Int64>(1_795_000_000_000)

    /// 2026-11-18T11:06:40Z, moved.
    public var now: Instant { Instant(milliseconds: milliseconds.load(ordering: .relaxed)) }

    /// Lets time pass.
    public func pass(seconds: Int64) {
        milliseconds.add(seconds * 1000, ordering: .relaxed)
    }
}

/// Why a test could not be carried out.
public struct TestFailure: Error, CustomStringConvertible {
    /// The reason.
    public let description: String

    /// A reason.
    public init(description: String) {
        self.description = description
    }
}
