import FoundationEssentials
import Glibc
public import Storage
import StoragePostgres
import StorageSQLite

extension Settings {
    /// The database file, or nil if the database is on a server.
    public var databaseFile: String? { Settings.isURL(database) ? nil : database }

    /// Whether the text is a URL of PostgreSQL, in one of the two spellings of libpq.
    ///
    /// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING
    static func isURL(_ database: String) -> Bool {
        database.hasPrefix("postgresql://") || database.hasPrefix("postgres://")
    }

    /// Whether the text is neither a path nor a URL of PostgreSQL, such as `postgresql:`.
    static func isUnknownAddress(_ database: String) -> Bool {
        let hasScheme =
            database.contains("://") || database.hasPrefix("postgresql:")
            || database.hasPrefix("postgres:")
        return hasScheme && !isURL(database)
    }

    /// Whether a URL contains a password, which would be shown by ps(1) and in logs.
    static func hasPassword(_ database: String) -> Bool {
        guard isURL(database), let start = database.firstRange(of: "://")?.upperBound else {
            return false
        }
        let authority = database[start...].prefix { $0 != "/" && $0 != "?" }
        let user = authority.lastIndex(of: "@").map { authority[..<$0] } ?? ""
        let query = database.drop { $0 != "?" }.dropFirst().split(separator: "&")
        return user.contains(":") || query.contains { $0.hasPrefix("password=") }
    }
}

/// Opens the database of the shop, which must exist unless `create` is set.
///
/// The process then holds the lock of the shop (`lockShop`).
/// - Throws: `SettingsError` with the name of the database if it cannot be opened or is not Souk's.
public func openStore(
    _ settings: Settings, create: Bool = false, for workload: Workload = .requests
) throws -> any Engine {
    if let file = settings.databaseFile { try lockShop(file) }
    do {
        let store = try openEngine(settings, create: create, for: workload)
        guard try !store.isForeign() else {
            throw SettingsError(description: "\(store.name) is a database, but not a shop's.")
        }
        return store
    } catch StoreError.unavailable(let reason) where settings.databaseFile == nil {
        // The sentence names the database, without the parameters of the URL.
        throw SettingsError(description: reason)
    } catch StoreError.engine(_, let message, _) {
        throw SettingsError(description: "\(settings.database) cannot be used: \(message).")
    } catch let error as StoreError {
        throw SettingsError(description: "\(settings.database): \(error)")
    }
}

/// The fewest connections that a responder may open.
///
/// A write holds its connection until the server's disk has synced. With 5 connections, a machine
/// with two cores completed 0.6 times as many orders as with 16, and no more with 24 or 32. Four
/// responders stay below 100 connections, the server's default limit.
private let connectionsMin = 16

private func openEngine(_ settings: Settings, create: Bool, for workload: Workload) throws
    -> any Engine
{
    let limitedReadsMax = max(1, settings.workers / 2)
    guard let file = settings.databaseFile else {
        return try PostgresStore(
            url: settings.database, workload: workload,
            connectionsMax: max(connectionsMin, settings.workers + 1),
            limitedReadsMax: limitedReadsMax)
    }
    return try SQLiteStore(
        path: file, create: create, workload: workload, limitedReadsMax: limitedReadsMax)
}

/// Opens a copy of a database file, which nobody writes, to read all of it.
/// - Throws: `StoreError`.
public func openCopy(_ path: String) throws -> any Engine {
    try SQLiteStore(path: path, readOnly: true, workload: .wholeTables)
}

/// Copies the database file `source`, which may be in use, into a new file.
///
/// `afterStep` gets the number of copied pages and of all pages. It may sleep.
/// - Throws: `StoreError`.
public func copyDatabase(
    _ source: String, to destination: String,
    afterStep: (_ done: Int, _ all: Int) throws -> Void
) throws {
    try SQLiteStore.copy(source, to: destination, afterStep: afterStep)
}

/// Makes the database at `path` one file, without a write-ahead log.
/// - Throws: `StoreError.busy` if another process has it open.
public func foldWAL(of path: String) throws {
    try SQLiteStore.foldWAL(of: path)
}
