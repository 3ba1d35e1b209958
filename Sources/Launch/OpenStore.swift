import Service
import Storage
public import StorageSQLite

extension Settings {
    /// Creates the shop from these settings.
    /// - Throws: `SettingsError` if the signing key cannot be read.
    func shop(watch: KeyFileWatch) throws -> Shop {
        Shop(
            currency: currency,
            keys: try KeyFile(path: jwtSecretFile).ring(report: watch.note),
            accessTokenSeconds: Int64(accessTokenSeconds),
            refreshTokenSeconds: Int64(refreshTokenSeconds),
            selfCharge: selfCharge, showsStock: showStock, throttlesLogins: rateLimits)
    }
}

/// Opens the database of the shop, which must exist unless `create` is set.
///
/// The process then holds the lock of the shop (`lockShop`).
/// - Throws: `SettingsError` with the name of the file if it cannot be opened or is not Souk's.
public func openStore(
    _ settings: Settings, create: Bool = false, for workload: Workload = .requests
) throws -> SQLiteStore {
    try lockShop(settings.database)
    do {
        let store = try SQLiteStore(
            path: settings.database, create: create, workload: workload,
            limitedReadsMax: max(1, settings.workers / 2))
        guard try !store.isForeign() else {
            throw SettingsError(
                description: "\(settings.database) is a SQLite database, but not a shop's.")
        }
        return store
    } catch StoreError.engine(_, let message, _) {
        throw SettingsError(description: "\(settings.database) cannot be used: \(message).")
    } catch let error as StoreError {
        throw SettingsError(description: "\(settings.database): \(error)")
    }
}
