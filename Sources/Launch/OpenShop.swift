public import Service

extension Settings {
    /// Creates the shop from these settings.
    ///
    /// `report` gets the reason if the key file becomes unusable, see `KeyFile.ring`.
    /// - Throws: `SettingsError` if the signing key, or a file of Stripe, cannot be read.
    public func shop(report: @escaping @Sendable (String?) -> Void = { _ in }) throws -> Shop {
        Shop(
            currency: currency,
            keys: try KeyFile(path: jwtSecretFile).ring(report: report),
            accessTokenSeconds: Int64(accessTokenSeconds),
            refreshTokenSeconds: Int64(refreshTokenSeconds),
            payments: try paymentOptions(), showsStock: showStock, staffTotp: staffTotp,
            throttlesLogins: rateLimits, waitsMax: max(1, workers / 4),
            webhookHosts: webhookHosts, pricesIncludeTax: pricesIncludeTax,
            country: country.isEmpty ? nil : country, returnDays: Int64(returnDays),
            seller: seller.seller)
    }
}
