public import Service
public import StorageSQLite

extension Settings {
    /// The shop that these settings make.
    /// - Throws: `SettingsError` where the signing key cannot be read.
    public func shop() throws -> Shop {
        Shop(
            currency: currency, keys: try KeyFile(path: jwtSecretFile).ring(),
            accessTokenSeconds: Int64(accessTokenSeconds),
            refreshTokenSeconds: Int64(refreshTokenSeconds),
            selfCharge: selfCharge, throttlesLogins: rateLimits)
    }
}

/// The shop's database, which must be there unless `create` is set.
public func openStore(_ settings: Settings, create: Bool = false) throws -> SQLiteStore {
    try SQLiteStore(path: settings.database, create: create)
}
